/** Small things that are in the way every day: what is offered, what is asked before, and where it stands. */
import assert from 'node:assert/strict';
import { eventually, suite } from '../harness/suite.mjs';

suite('habits', {}, (play) => {
  play('taking back is offered where it is granted, by the bar, the menu and the key', async (scene) => {
    const [owner, ann, ben] = [await scene.person('owner'), await scene.person('ann'), await scene.person('ben')];
    const room = await owner.createRoom('Ranks');
    await ann.join(room);
    await ben.join(room);
    await owner.call('PUT', `/api/rooms/${room.id}/members/${ann.id}`, { role: 'admin' });
    await owner.say(room, 'word of the owner');
    await ben.say(room, 'word of a member');
    const at = await scene.inRoom(ann, room);
    await at.sees('word of a member');

    await at.pointAt('word of a member');
    const bar = at.page.getByRole('toolbar', { name: at.say('timeline.tools') });
    await bar.getByRole('button', { name: at.say('timeline.recall') }).waitFor();
    await at.pointAt('word of the owner');
    await at.message('word of the owner').getByRole('toolbar').waitFor();
    assert.equal(await bar.getByRole('button', { name: at.say('timeline.recall') }).count(), 0);
    await bar.getByRole('button', { name: at.say('timeline.more') }).click();
    await at.page.getByRole('menuitem', { name: at.say('timeline.copy') }).waitFor();
    assert.equal(await at.page.getByRole('menuitem', { name: at.say('timeline.recall') }).count(), 0);
    await at.dismiss();

    await at.composer.focus();
    await at.tabTo(at.message('word of the owner'), { back: true });
    await at.press('Delete');
    await at.press('ArrowDown');
    await at.press('Delete');
    await at.dialog('timeline.recallTitle').waitFor();
    await at.page.getByRole('dialog').getByRole('button', { name: at.say('timeline.recall') }).click();
    await at.text('timeline.recalled').first().waitFor();
    await eventually(async () => assert.equal(await at.message('word of a member').count(), 0));
    await at.seesOnce('word of the owner');
  });

  play('everybody is called only after their number was seen', async (scene) => {
    const [ann, ben, cyd] = [await scene.person('ann'), await scene.person('ben'), await scene.person('cyd')];
    const room = await ann.createRoom('Megaphone');
    await ben.join(room);
    await cyd.join(room);
    const at = await scene.inRoom(ann, room);
    await at.button('rooms.membersButton').filter({ hasText: '3' }).waitFor();
    await at.send('`@room` is only code');
    await at.seesOnce('is only code');

    await at.send('@room, wake up');
    const asked = at.dialog('composer.everyoneTitle');
    await asked.getByText(at.like('composer.everyoneText', { count: 2 })).waitFor();
    assert.match(await asked.textContent(), /2 other people/);
    await at.dismiss();
    // Who says no keeps the words.
    await at.hasDraft('@room, wake up');
    assert.equal(await ann.countOf(room, '@room, wake up'), 0);
    await at.hasFocus(at.composer);
    await at.press('Enter');
    await asked.getByRole('button', { name: at.say('composer.everyoneSend') }).click();
    await at.seesOnce('@room, wake up');
    await at.hasDraft('');
  });

  play('an owner is made only after a question', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Crown');
    await ben.join(room);
    const at = await scene.client(ann);
    await at.page.goto(`/r/${room.id}?panel=members`);
    const seat = at.page.getByTestId('member').filter({ hasText: ben.username });
    const make = async () => {
      await at.button('members.actions', { name: ben.username }).click();
      await at.page.getByRole('menuitem', { name: at.say('members.make.owner') }).click();
      await at.dialog('members.ownerTitle', { name: ben.username }).waitFor();
    };
    await make();
    await at.dismiss();
    const roles = async () => (await ann.call('GET', `/api/rooms/${room.id}/members`)).map((one) => one.role).sort();
    assert.deepEqual(await roles(), ['member', 'owner']);
    await make();
    await at.page.getByRole('dialog').getByRole('button', { name: at.say('members.ownerConfirm') }).click();
    await seat.getByText(at.say('members.role.owner')).waitFor();
    assert.deepEqual(await roles(), ['owner', 'owner']);
  });

  for (const locale of ['en', 'zh-Hans']) {
    play(`what one did oneself is told so (${locale})`, async (scene) => {
      const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
      const room = await ann.createRoom('Deeds');
      await ann.call('PUT', `/api/rooms/${room.id}/members/${ben.id}`, { role: 'member' });
      await ann.call('DELETE', `/api/rooms/${room.id}/members/${ben.id}`);
      await ben.join(room);
      const assertTold = async (person, wanted) => {
        const client = await scene.inRoom(person, room, { locale });
        const rows = client.page.locator('.tl-system > p');
        await eventually(async () => {
          const told = (await rows.allTextContents()).map((text) => text.replace(/\s*\d\d:\d\d$/, ''));
          assert.deepEqual(told, wanted);
        });
      };
      const [a, b] = [ann.username, ben.username];
      const wanted = {
        en: [
          ['You created this room', `You added ${b}`, `You removed ${b}`, `${b} joined`],
          [`${a} created this room`, `${a} added you`, 'You were removed', 'You joined'],
        ],
        'zh-Hans': [
          ['你创建了这个聊天室', `你邀请 ${b} 加入`, `你将 ${b} 移出`, `${b} 加入了聊天室`],
          [`${a} 创建了这个聊天室`, `${a} 邀请你加入`, '你已被移出', '你加入了聊天室'],
        ],
      }[locale];
      await assertTold(ann, wanted[0]);
      await assertTold(ben, wanted[1]);
    });
  }

  play('the clock has twelve hours or twenty-four, as one wants', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Clock');
    await ann.say(room, 'what time is it?');
    const at = await scene.inRoom(ann, room);
    const time = at.message('what time is it?').locator('.tl-who time');
    await time.waitFor();
    assert.match(await time.textContent(), /^\d\d:\d\d$/, 'as in Britain');
    await at.page.goto('/settings/language');
    await at.page.getByRole('radio', { name: at.say('settings.language.clocks.12') }).check({ force: true });
    await at.page.goto(`/r/${room.id}`);
    await time.waitFor();
    assert.match(await time.textContent(), /^\d{1,2}:\d\d\s[ap]m$/i);
    assert.match(await time.getAttribute('data-tip'), /\s[ap]m/i);
  });

  play('what is said on a page of settings stands together, closer than its parts', async (scene) => {
    const ann = await scene.person('ann');
    const at = await scene.client(ann);
    let pairs = 0;
    for (const page of ['profile', 'account', 'appearance', 'language', 'keyboard', 'about']) {
      await at.page.goto(`/settings/${page}`);
      const column = at.page.locator('.set-column');
      await column.locator('p').first().waitFor();
      pairs += await eventually(async () => {
        const gaps = await column.evaluate((all) => {
          const next = ({ nextElementSibling: one }) => (one?.matches('p, h2, h3') ? [one] : []);
          const texts = [...all.querySelectorAll('p:not(.ui-hidden), h2, h3')];
          return texts.flatMap((text) => next(text).map((one) => one.getBoundingClientRect().top - text.getBoundingClientRect().bottom));
        });
        assert.ok(gaps.every((gap) => gap <= 16), `${page}: ${gaps}`);
        return gaps.length;
      });
    }
    assert.ok(pairs > 5, `${pairs} neighbours were looked at`);
  });

  play('large text makes rows as much higher as it is larger, and no more', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Large print');
    for (const word of ['one', 'two', 'three']) await ann.say(room, `line ${word}`);
    const at = await scene.client(ann);
    const heights = {};
    for (const scale of [100, 130, 150]) {
      await at.page.addInitScript((look) => localStorage.setItem('chinwag.look', look), JSON.stringify({ scale }));
      await at.openRoom(room);
      await at.sees('line three');
      await at.calm();
      const line = await at.message('line two').boundingBox();
      heights[scale] = line.height;
      const jump = await at.page.locator('.desk-jump').boundingBox();
      assert.ok(jump.height <= 36 * 1.6, `at ${scale} % what leads elsewhere is ${jump.height} px high`);
      const words = await at.message('line two').locator('.md').boundingBox();
      assert.ok(line.height < words.height * 1.3, `at ${scale} % a row of one line is ${line.height} px high, its text ${words.height}`);
    }
    assert.ok(heights[150] < heights[100] * 1.6, JSON.stringify(heights));
  });

  play('what can be done with a message stands beside its text, however wide the page is', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Wide');
    await ann.say(room, 'few words');
    const at = await scene.inRoom(ann, room, { viewport: { width: 2400, height: 900 } });
    await at.sees('few words');
    await at.pointAt('few words');
    const bar = await at.message('few words').getByRole('toolbar').boundingBox();
    const column = await at.message('few words').locator('.tl-content').boundingBox();
    assert.ok(bar.x + bar.width <= column.x + column.width + 1, `the bar ends at ${bar.x + bar.width}`);
    assert.ok(bar.x + bar.width > column.x + column.width - 40, 'at the end of the column of the text');
    await at.message('few words').focus();
    await at.press('Enter');
    await eventually(async () => {
      const menu = await at.page.getByRole('menu').boundingBox();
      assert.ok(menu.x + menu.width <= column.x + column.width + 8, `the menu ends at ${menu.x + menu.width}`);
    });
  });

  play('a list takes what is pressed also while it moves', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Movements');
    for (let at = 0; at < 12; at += 1) await ann.createRoom(`Room no. ${at}`);
    for (const one of await scene.crowd(room, 8)) await one.say(room, `I am ${one.username}`);
    const files = [];
    for (let at = 0; at < 8; at += 1) files.push((await ann.upload(`notes-${at}.txt`, 'words')).id);
    await ann.say(room, 'all my notes', { attachments: files });
    const at = await scene.client(ann, { viewport: { width: 1440, height: 480 } });
    // Wherever a row that is drawn lies under the middle of its list, it is what a press there comes to.
    const takes = async (list, row) => {
      await list.locator(row).first().waitFor();
      const taken = await eventually(async () => {
        const taken = await list.evaluate(async (list, row) => {
          const { left, top, width, height } = list.getBoundingClientRect();
          const [x, y] = [left + width / 2, top + height / 2];
          const lies = (one) => {
            const box = one.getBoundingClientRect();
            return box.top <= y && y < box.bottom && getComputedStyle(one).visibility === 'visible';
          };
          const taken = [];
          for (const step of [-40, -1, 40, 1, 20, -20]) {
            const from = list.scrollTop;
            list.scrollBy(0, step);
            for (let drawn = 0; drawn < 3; drawn += 1) await new Promise((next) => requestAnimationFrame(next));
            const there = [...list.querySelectorAll(row)].find(lies);
            if (there && list.scrollTop !== from) taken.push(there.contains(document.elementFromPoint(x, y)));
          }
          return taken;
        }, row);
        assert.ok(taken.length > 1, 'it is long enough to move, and drawn');
        return taken;
      });
      assert.ok(taken.every(Boolean), `${row}: ${taken}`);
    };
    await at.page.goto(`/r/${room.id}?panel=members`);
    await takes(at.timeline, '.tl-item');
    await takes(at.page.locator('.mp-scroll'), 'li');
    await takes(at.page.locator('.rl-scroll'), 'li');
    await at.page.goto(`/r/${room.id}?panel=files`);
    await takes(at.page.getByTestId('file-list'), 'li');
  });

  play('a hand that rests on a conversation keeps its tools when somebody speaks, and has those of what lies there then', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('At rest');
    await ann.sayAll(room, Array.from({ length: 40 }, (_, index) => `line ${index}\n\nand its second paragraph`));
    const at = await scene.inRoom(ann, room);
    await at.sees('line 39');
    const row = await at.pointAt('line 37');
    await row.getByRole('toolbar').waitFor();
    const { x, y, width, height } = await row.boundingBox();
    const bare = await at.timeline.evaluateHandle((list) => {
      const bare = { frames: 0 };
      const look = () => {
        if (!list.querySelector('[role=toolbar]')) bare.frames += 1;
        requestAnimationFrame(look);
      };
      look();
      return bare;
    });
    const lies = () =>
      at.page.evaluate(
        ([x, y]) => {
          const row = document.elementFromPoint(x, y).closest('[data-testid=message]');
          return { text: row?.textContent.match(/line \d+/)?.[0], tools: Boolean(row?.querySelector('[role=toolbar]')) };
        },
        [x + width / 2, y + height / 2],
      );
    const moved = async (from) => {
      await eventually(async () => assert.notEqual((await lies()).text, from, 'the list has moved'));
      await eventually(async () => assert.ok((await lies()).tools, 'what lies there has the tools'));
    };
    await ann.say(room, 'line 40\n\nand its second paragraph');
    await moved('line 37');
    assert.equal(await bare.evaluate(({ frames }) => frames), 0, 'at no time there were none');
    const { text } = await lies();
    await at.timeline.evaluate((list) => list.scrollBy(0, -300));
    await moved(text);
  });
});
