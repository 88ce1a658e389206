/** A room with a past: scrolling up keeps its place, jumps find their way, the page stays small. */
import assert from 'node:assert/strict';
import { eventually, suite } from '../harness/suite.mjs';

const LENGTH = 500;
/** More than the page holds of a room while one is at its end. */
const DEEP = 700;
/** Rows in the page at a time, whatever the length of the room. */
const MOST_ROWS = 120;

/** Messages of many heights: a line, a paragraph, a list, code. */
function words(at) {
  const number = `no. ${String(at).padStart(3, '0')}`;
  if (at % 17 === 0) return `${number}\n\n\`\`\`rust\nfn main() {\n    println!("{}", ${at});\n}\n\`\`\``;
  if (at % 11 === 0) return `${number}\n\n- one\n- two\n- three`;
  if (at % 7 === 0) return `${number} ${'and so on, for quite a while, '.repeat(12)}`;
  return number;
}

async function longRoom(scene) {
  const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
  const room = await ann.createRoom('Long history');
  await ben.join(room);
  for (let at = 0; at < LENGTH; at += 1) await (at % 3 === 0 ? ann : ben).say(room, words(at));
  return { ann, ben, room };
}

/** Lays the eye on the row nearest to the middle of the view. */
function look(client) {
  return client.timeline.evaluate((list) => {
    const frame = list.getBoundingClientRect();
    const middle = frame.top + frame.height / 2;
    const rows = [...list.querySelectorAll('[data-testid=message]')].map((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return { text: row.textContent.match(/no\. \d{3}/)?.[0], top, far: Math.abs((top + bottom) / 2 - middle) };
    });
    return rows.filter((row) => row.text).sort((a, b) => a.far - b.far)[0];
  });
}

const topOf = (client, text) => client.message(text).first().evaluate((row) => row.getBoundingClientRect().top);
const rows = (client) => client.page.getByTestId('message').count();
/** Two frames: what was asked for is drawn. */
const drawn = (client) =>
  client.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))));

suite('history', {}, (play) => {
  let held;
  const once = async (scene) => {
    held ??= await longRoom(scene);
    return held;
  };

  play('a room opens at its end, with few rows in the page', async (scene) => {
    const { ann, room } = await once(scene);
    const at = await scene.inRoom(ann, room);
    await at.sees(`no. ${LENGTH - 1}`);
    await eventually(async () => {
      const gap = await at.timeline.evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight);
      assert.ok(gap <= 1, `${gap} px from the end`);
    });
    assert.ok((await rows(at)) <= MOST_ROWS, `${await rows(at)} rows are in the page`);
  });

  play('older messages arrive above without moving what is read, up to the very first', async (scene) => {
    const { ann, room } = await once(scene);
    const at = await scene.client(ann);
    // Older pages come when the test says so: then nothing else can have moved the rows.
    let waiting = [];
    let free = false;
    await at.page.route(/messages\?.*before=/, (route) => (free ? route.continue() : waiting.push(route)));
    await at.openRoom(room);
    await at.sees(`no. ${LENGTH - 1}`);
    await eventually(async () => assert.ok((await at.timeline.evaluate((list) => list.scrollHeight)) > 900));
    let worst = 0;
    for (let page = 0; page < 4; page += 1) {
      await eventually(async () => {
        await at.timeline.evaluate((list) => list.scrollBy(0, -700));
        await drawn(at);
        assert.ok(waiting.length > 0, 'an older page is asked for');
      });
      await at.calm();
      const before = await look(at);
      const height = await at.timeline.evaluate((list) => list.scrollHeight);
      const answers = waiting;
      waiting = [];
      for (const route of answers) await route.continue();
      await eventually(async () => {
        assert.ok((await at.timeline.evaluate((list) => list.scrollHeight)) > height, 'the older page has come');
      });
      await at.calm();
      worst = Math.max(worst, Math.abs((await topOf(at, before.text)) - before.top));
      assert.ok((await rows(at)) <= MOST_ROWS, `${await rows(at)} rows are in the page`);
    }
    assert.ok(worst <= 1, `the row that was read moved by ${worst} px`);

    free = true;
    for (const route of waiting) await route.continue();
    await eventually(
      async () => {
        await at.timeline.evaluate((list) => list.scrollTo(0, 0));
        assert.equal(await at.message('no. 000').count(), 1);
      },
      { within: 30_000 },
    );
    assert.ok((await rows(at)) <= MOST_ROWS, `${await rows(at)} rows are in the page`);

    const latest = at.page.getByTestId('jump-latest');
    await latest.click();
    await at.sees(`no. ${LENGTH - 1}`);
    await latest.waitFor({ state: 'detached' });
  });

  play('who goes up in a room that was just opened is not led back to the end', async (scene) => {
    const { ann, room } = await once(scene);
    const at = await scene.client(ann);
    // From the first frame in which there is a list: its rows are still being measured, and so is what each step brings.
    await at.page.addInitScript(() => {
      globalThis.far = [];
      const step = () => {
        const list = document.querySelector('[role=log]');
        if (list?.scrollTop > 0) {
          list.scrollBy(0, -100);
          globalThis.far.push(list.scrollHeight - list.scrollTop - list.clientHeight);
        }
        if (globalThis.far.length < 40) requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    });
    await at.openRoom(room);
    await at.page.waitForFunction(() => globalThis.far.length === 40);
    await at.calm();
    const far = await at.page.evaluate(() => globalThis.far);
    const away = far.slice(far.findIndex((distance) => distance > 300));
    assert.ok(away.every((distance) => distance > 200), `it was led back: ${far.map(Math.round)}`);
    assert.ok(await at.page.getByTestId('jump-latest').isVisible(), `where it went: ${far.map(Math.round)}`);
  });

  play('while one reads above, new messages do not move the view; the pill counts them', async (scene) => {
    const { ann, ben, room } = await once(scene);
    const at = await scene.inRoom(ann, room);
    await at.sees(`no. ${LENGTH - 1}`);
    await ann.hasRead(room);
    await eventually(async () => {
      await at.timeline.evaluate((list) => list.scrollBy(0, -2500));
      await at.page.getByTestId('jump-latest').waitFor({ timeout: 500 });
    });
    await at.calm();
    const before = await look(at);
    await ben.say(room, 'news from below');
    await ben.say(room, 'more news from below');
    const pill = at.page.getByTestId('jump-latest');
    await pill.filter({ hasText: at.like('timeline.newBelow') }).filter({ hasText: '2' }).waitFor();
    await at.calm();
    const moved = Math.abs((await topOf(at, before.text)) - before.top);
    assert.ok(moved <= 1, `the row that was read moved by ${moved} px`);
    await pill.click();
    await at.sees('more news from below');
    await pill.waitFor({ state: 'detached' });
  });

  play('a hand that scrolls while rows come above and below, at once, still holds the row that is read', async (scene) => {
    const { ann, ben, room } = await once(scene);
    const at = await scene.client(ann);
    const waiting = [];
    await at.page.route(/messages\?.*before=/, (route) => waiting.push(route));
    await at.openRoom(room);
    // The end counts as seen once it was in view for a moment.
    await ann.hasRead(room);
    const pill = at.page.getByTestId('jump-latest');
    await eventually(async () => {
      await at.timeline.evaluate((list) => list.scrollBy(0, -300));
      await drawn(at);
      assert.ok(waiting.length > 0 && (await pill.isVisible()), 'an older page is asked for, the end is out of sight');
    });
    await at.calm();
    const before = await look(at);
    const height = await at.timeline.evaluate((list) => list.scrollHeight);
    // A little down, as much up, again and again: the list never comes to rest, and yet goes nowhere.
    let resting = false;
    await at.timeline.hover();
    const hand = (async () => {
      while (!resting) {
        for (const step of [8, -8]) {
          await at.page.mouse.wheel(0, step);
          await drawn(at);
        }
      }
    })();
    try {
      await waiting.shift().continue();
      await eventually(async () => {
        assert.ok((await at.timeline.evaluate((list) => list.scrollHeight)) > height, 'the older page has come');
      });
      await ben.say(room, 'below, while above');
      await ben.say(room, 'below again, while above');
      await pill.filter({ hasText: at.like('timeline.newBelow') }).filter({ hasText: '2' }).waitFor();
    } finally {
      resting = true;
      await hand;
    }
    await at.calm();
    const moved = Math.abs((await topOf(at, before.text)) - before.top);
    assert.ok(moved <= 1, `the row that was read moved by ${moved} px`);
  });

  play('however far up one reads, the end is still there, and what is new joins it', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Depths');
    await ben.join(room);
    await ben.sayMany(room, Array.from({ length: DEEP }, (_, at) => words(at)));
    await ben.say(room, 'the last word');
    const at = await scene.inRoom(ann, room);
    await at.sees('the last word');
    await eventually(
      async () => {
        await at.timeline.evaluate((list) => list.scrollTo(0, 0));
        assert.equal(await at.message('no. 000').count(), 1);
      },
      { within: 60_000 },
    );
    await at.calm();
    const before = await look(at);
    await ben.say(room, 'a word after the last');
    const pill = at.page.getByTestId('jump-latest');
    await pill.filter({ hasText: at.like('timeline.newBelow') }).waitFor();
    await at.calm();
    const moved = Math.abs((await topOf(at, before.text)) - before.top);
    assert.ok(moved <= 1, `the row that was read moved by ${moved} px`);
    await pill.click();
    await at.sees('the last word');
    await at.sees('a word after the last');
  });

  play('the "New" line stays where it was while one is there', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Newness');
    const aside = await ann.createRoom('Aside');
    await ben.join(room);
    await ben.say(room, 'read long ago');
    const at = await scene.inRoom(ann, room);
    await at.sees('read long ago');
    await ann.hasRead(room);
    await at.room('Aside').click();
    await at.page.waitForURL(`**/r/${aside.id}`);
    await ben.say(room, 'the first new one');
    await ben.say(room, 'the second new one');
    // What comes while one looks is not new.
    await at.page.locator('[data-unread]').filter({ hasText: 'Newness' }).waitFor();
    await at.room('Newness').click();
    await at.sees('the second new one');
    const after = () =>
      at.page.getByTestId('new-line').evaluate((line) => line.parentElement.querySelector('[data-testid=message]').textContent);
    await eventually(async () => assert.match(await after(), /the first new one/));
    await ann.hasRead(room);
    await ben.say(room, 'a third one, while I look');
    await at.sees('a third one, while I look');
    await ann.hasRead(room);
    assert.match(await after(), /the first new one/, 'reading does not move the line');
    assert.equal(await at.page.getByTestId('new-line').count(), 1);
    await at.room('Aside').click();
    await at.page.waitForURL(`**/r/${aside.id}`);
    await at.room('Newness').click();
    await at.sees('a third one, while I look');
    await at.page.getByTestId('new-line').waitFor({ state: 'detached' });
  });

  play('who comes to the first of many unread is told how many are below, and fewer as they are seen', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Forty new');
    await ben.join(room);
    await ben.sayMany(room, Array.from({ length: 40 }, (_, index) => `new ${index}\n\nand its second paragraph`));
    const at = await scene.inRoom(ann, room);
    const pill = at.page.getByTestId('jump-latest');
    const told = async () => Number(/\d+/.exec(await pill.filter({ hasText: at.like('timeline.newBelow') }).textContent())[0]);
    await pill.waitFor();
    const first = await eventually(async () => {
      const count = await told();
      assert.ok(count > 10 && count < 40, `${count} are new below`);
      return count;
    });
    await at.timeline.hover();
    await at.page.mouse.wheel(0, 500);
    await eventually(async () => assert.ok((await told()) < first, 'fewer are left'));
    await at.page.mouse.wheel(0, -300);
    await at.calm();
    assert.ok((await told()) < first, 'seen is seen');
  });

  play('how many were unread above is told also after the end was read', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Away for a while');
    await ben.join(room);
    await ben.sayMany(room, Array.from({ length: 120 }, (_, index) => `while you were away ${index}`));
    const at = await scene.inRoom(ann, room);
    const pill = at.page.getByRole('button', { name: at.like('timeline.unreadAbove', { count: 120 }) });
    await pill.waitFor();
    await ann.hasRead(room);
    await at.room('Away for a while').and(at.page.locator(':not([data-unread])')).waitFor();
    assert.match(await pill.textContent(), /120/);
  });

  play('a link to a message opens at it, flashes it, and leads on to the end', async (scene) => {
    const { ann, room } = await once(scene);
    const wanted = (await ann.history(room, 'around=200&limit=20')).find((row) => row.type === 'text');
    const text = wanted.content.match(/no\. \d{3}/)[0];
    const at = await scene.client(ann);
    await at.noteFlashes();
    await at.page.goto(`/r/${room.id}/m/${wanted.seq}`);
    await at.sees(text);
    await at.seesFlash(text);
    const stands = async () => {
      await at.sees(`no. ${LENGTH - 1}`);
      await at.page.getByTestId('jump-latest').waitFor({ state: 'detached' });
      await eventually(async () => {
        const gap = await at.timeline.evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight);
        assert.ok(gap <= 1, `${gap} px from the end`);
      });
    };
    await at.page.getByTestId('jump-latest').click();
    await stands();
    await at.page.goto(`/r/${room.id}/m/${wanted.seq}`);
    await at.sees(text);
    await at.room(room.name).click();
    await stands();
  });

  play('a room that was left at its end is found again there, by Back', async (scene) => {
    const { ann, room } = await once(scene);
    const aside = await ann.createRoom('Another place');
    const at = await scene.inRoom(ann, room);
    await at.timeline.getByTestId('message').first().waitFor();
    await at.calm();
    await at.room('Another place').click();
    await at.page.waitForURL(`**/r/${aside.id}`);
    await at.timeline.or(at.page.locator('.tl-empty')).first().waitFor();
    await at.page.goBack();
    await at.timeline.getByTestId('message').first().waitFor();
    await eventually(async () => {
      const gap = await at.timeline.evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight);
      assert.ok(gap <= 1, `${gap} px from the end`);
    });
  });

  play('whoever read further up finds the same row again: by the desk, by Back, and after a reload', async (scene) => {
    const { ann, room } = await once(scene);
    const aside = await ann.createRoom('A short way off');
    const at = await scene.inRoom(ann, room);
    await at.timeline.getByTestId('message').first().waitFor();
    await at.calm();
    // Further up than what is held of a room that was left.
    const before = await eventually(
      async () => {
        const row = await look(at);
        if (row?.text <= 'no. 323') return row;
        await at.timeline.evaluate((list) => list.scrollBy(0, -1500));
        await at.calm();
        throw new Error(`read up to ${row?.text}`);
      },
      { within: 60_000 },
    );
    const same = async (how) => {
      await at.message(before.text).first().waitFor();
      await at.calm();
      const moved = Math.abs((await topOf(at, before.text)) - before.top);
      assert.ok(moved <= 1, `${how}: the row that was read moved by ${moved} px`);
    };
    const leave = async () => {
      await at.room('A short way off').click();
      await at.page.waitForURL(`**/r/${aside.id}`);
      await at.message(before.text).waitFor({ state: 'detached' });
    };
    await leave();
    await at.room('Long history').click();
    await same('by the desk');
    await at.page.reload();
    await same('after a reload');
    await leave();
    await at.page.goBack();
    await same('by Back');
    await leave();
    await at.page.reload();
    await at.room('Long history').click();
    await same('after a reload elsewhere');
    await at.page.getByTestId('jump-latest').click();
    await at.page.getByTestId('jump-latest').waitFor({ state: 'detached' });
    await leave();
    await at.room('Long history').click();
    await at.timeline.getByTestId('message').first().waitFor();
    await eventually(async () => {
      await at.calm();
      const gap = await at.timeline.evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight);
      assert.ok(gap <= 1, `who left at the end comes back to the end, not ${gap} px from it`);
    });
  });

  play('a link leads to its message once: Back from there is where one stood before', async (scene) => {
    const { ann, room } = await once(scene);
    const wanted = (await ann.history(room, 'around=120&limit=20')).find((row) => row.type === 'text');
    const text = wanted.content.match(/no\. \d{3}/)[0];
    const at = await scene.inRoom(ann, room);
    await at.timeline.getByTestId('message').first().waitFor();
    await at.calm();
    await eventually(async () => {
      await at.timeline.evaluate((list) => list.scrollBy(0, -1200));
      await at.page.getByTestId('jump-latest').waitFor({ timeout: 500 });
    });
    await at.calm();
    const before = await look(at);
    await at.page.evaluate((path) => {
      history.pushState(null, '', path);
    }, `/r/${room.id}/m/${wanted.seq}`);
    await at.sees(text);
    await at.calm();
    await at.timeline.evaluate((list) => list.scrollBy(0, 900));
    await at.calm();
    const further = await look(at);
    const stands = async (row, how) => {
      await at.message(row.text).first().waitFor();
      await at.calm();
      const moved = Math.abs((await topOf(at, row.text)) - row.top);
      assert.ok(moved <= 1, `${how}: moved by ${moved} px`);
    };
    await at.page.reload();
    await stands(further, 'a reload of the link after reading on');
    await at.page.goBack();
    await stands(before, 'Back from the link');
  });

  play('a position that does not exist says so and offers the newest', async (scene) => {
    const { ann, room } = await once(scene);
    const at = await scene.client(ann);
    for (const wrong of ['99999', '0', 'nonsense']) {
      await at.page.goto(`/r/${room.id}/m/${wrong}`);
      await at.text('timeline.absent').waitFor();
      await at.page.locator('main').getByRole('button', { name: at.say('timeline.toLatest') }).click();
      await at.timeline.getByTestId('message').first().waitFor();
      assert.equal(new URL(at.page.url()).pathname, `/r/${room.id}`);
    }
  });
});
