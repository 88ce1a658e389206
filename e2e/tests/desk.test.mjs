/** The desk of somebody who is in many rooms: what is unread is told wherever it lies, nothing moves away from a hand, one Tab leads past. */
import assert from 'node:assert/strict';
import { eventually, suite } from '../harness/suite.mjs';

const ROOMS = 200;
/** Rooms made at a time. */
const WIDTH = 10;
/** Rows in the page at a time, however many rooms there are. */
const MOST_ROWS = 80;

async function manyRooms(scene) {
  const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
  const names = Array.from({ length: ROOMS }, (_, at) => `Room no. ${String(at).padStart(3, '0')}`);
  const rooms = [];
  for (let at = 0; at < ROOMS; at += WIDTH) {
    rooms.push(...(await Promise.all(names.slice(at, at + WIDTH).map((name) => ann.createRoom(name)))));
  }
  const direct = await ann.direct(ben);
  await ann.say(rooms[0], 'the newest of all');
  for (const at of [5, 40, 60, 80, 150]) await ben.join(rooms[at]);
  return { ann, ben, rooms, direct };
}

/** The room whose row has the focus. */
const focused = (client) => client.page.evaluate(() => document.activeElement?.querySelector('.rl-name')?.textContent);
/** The rows that can be seen, from above. */
const inSight = (client) =>
  client.page.locator('.rl-scroll').evaluate((list) => {
    const frame = list.getBoundingClientRect();
    return [...list.querySelectorAll('.rl-row')]
      .map((row) => ({ name: row.querySelector('.rl-name').textContent, box: row.getBoundingClientRect() }))
      .filter(({ box }) => box.top >= frame.top && box.bottom <= frame.bottom)
      .sort((a, b) => a.box.top - b.box.top)
      .map(({ name }) => name);
  });
const pill = (client, side, count) => client.button(`rooms.unread${side}`, { count });

suite('desk', {}, (play) => {
  let held;
  const once = async (scene) => {
    held ??= await manyRooms(scene);
    return held;
  };

  play('what is unread out of sight is told, and one press leads to it', async (scene) => {
    const { ann, ben, rooms, direct } = await once(scene);
    const at = await scene.inRoom(ann, rooms[0]);
    await ben.say(direct, 'are you there?');
    const below = pill(at, 'Below', 1);
    await below.waitFor();
    assert.ok(!(await inSight(at)).includes(ben.username), 'the conversation is out of sight');
    await below.click();
    await eventually(async () => assert.ok((await inSight(at)).includes(ben.username), 'it came into sight'));
    await below.waitFor({ state: 'detached' });
    await at.page.locator('.rl-scroll').evaluate((list) => list.scrollTo(0, list.scrollHeight));
    await ben.say(rooms[150], 'up here');
    await pill(at, 'Above', 1).click();
    await eventually(async () => assert.ok((await inSight(at)).includes('Room no. 150'), 'the room came into sight'));
    await ann.call('POST', `/api/messages/${(await ann.history(direct)).at(-1).id}/read`);
    await ann.call('POST', `/api/messages/${(await ann.history(rooms[150])).at(-1).id}/read`);
  });

  play('one Tab leads past all rooms; the arrow keys lead from one to the next', async (scene) => {
    const { ann, ben, rooms } = await once(scene);
    const at = await scene.inRoom(ann, rooms[0]);
    await at.room('Room no. 000').waitFor();
    const rows = at.page.locator('.rl-row');
    assert.ok((await rows.count()) <= MOST_ROWS, `${await rows.count()} rows are in the page`);
    const stop = at.page.locator('.rl-row[tabindex="0"]');
    await eventually(async () => assert.equal(await stop.count(), 1, 'one of them is a tab stop'));
    await stop.filter({ hasText: 'Room no. 000' }).focus();
    await eventually(async () => assert.equal(await focused(at), 'Room no. 000'));
    const order = await inSight(at);
    await at.press('ArrowDown');
    await eventually(async () => assert.equal(await focused(at), order[order.indexOf('Room no. 000') + 1]));
    await at.press('End');
    await eventually(async () => assert.equal(await focused(at), ben.username, 'the last of the list'));
    await at.press('Home');
    await eventually(async () => assert.equal(await focused(at), order[0], 'the first of the list'));
    await eventually(async () => assert.equal(await stop.count(), 1));
  });

  play('nothing moves under a pointer or away from the focus; once they left, the newest is above', async (scene) => {
    const { ann, ben, rooms } = await once(scene);
    const at = await scene.inRoom(ann, rooms[0]);
    await at.room('Room no. 000').hover();
    const before = await inSight(at);
    await ben.say(rooms[60], 'this one is newer');
    await pill(at, 'Below', 1).waitFor();
    assert.deepEqual(await inSight(at), before, 'under the pointer');
    await at.timeline.hover();
    await eventually(async () => assert.equal((await inSight(at))[0], 'Room no. 060'));
    await at.page.locator('.rl-row[tabindex="0"]').focus();
    await at.press('ArrowDown');
    const focused = await inSight(at);
    await ben.say(rooms[40], 'and this one still newer');
    await pill(at, 'Below', 1).waitFor();
    assert.deepEqual(await inSight(at), focused, 'with the focus in it');
    await at.composer.focus();
    await eventually(async () => assert.equal((await inSight(at))[0], 'Room no. 040'));
  });

  play('a message elsewhere draws what is in sight, not the whole list', async (scene) => {
    const { ann, ben, rooms } = await once(scene);
    const at = await scene.inRoom(ann, rooms[0]);
    await at.timeline.hover();
    await at.room('Room no. 000').waitFor();
    await at.page.locator('.rl-scroll').evaluate((list) => {
      globalThis.moved = new Set();
      new MutationObserver((changes) => {
        for (const { target, addedNodes } of changes) {
          for (const node of [target, ...addedNodes]) {
            const row = node instanceof Element ? node.closest('li') : node.parentElement?.closest('li');
            if (row) globalThis.moved.add(row);
          }
        }
      }).observe(list, { subtree: true, childList: true, attributes: true, characterData: true });
    });
    await ben.say(rooms[80], 'from far below');
    await eventually(async () => assert.equal((await inSight(at))[0], 'Room no. 080'));
    const moved = await at.page.evaluate(() => globalThis.moved.size);
    assert.ok(moved <= MOST_ROWS, `${moved} rows were touched`);
  });

  play('by name, and only the unread, where one asks for it', async (scene) => {
    const { ann, ben, rooms } = await once(scene);
    const at = await scene.inRoom(ann, rooms[0]);
    await at.button('app.menu').click();
    await at.page.getByRole('menuitem', { name: at.say('deskMenu.sortName') }).click();
    await at.timeline.hover();
    await eventually(async () => {
      const names = await inSight(at);
      assert.deepEqual(names.slice(0, 3), ['Lobby', 'Room no. 000', 'Room no. 001']);
    });
    await at.page.reload();
    await eventually(async () => assert.equal((await inSight(at))[2], 'Room no. 001', 'after a reload, too'));
    await ben.say(rooms[150], 'unread');
    const filter = at.button('app.unreadOnly');
    await filter.click();
    await at.page.locator('[aria-pressed=true]').and(filter).waitFor();
    await eventually(async () => {
      const unread = (await ann.rooms()).filter((room) => room.unread > 0 && room.kind === 'room').map(({ name }) => name);
      assert.ok(unread.includes('Room no. 150'));
      assert.deepEqual((await inSight(at)).filter((name) => name.startsWith('Room')), ['Room no. 000', ...unread.sort()]);
    });
    await at.button('rooms.showAll').click();
    await eventually(async () => assert.ok((await inSight(at)).length > 10));
  });

  play('the jump finds whom this page never met, rooms of others, Chinese by its sound, and begins with the way back', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const stranger = await scene.person('faraway');
    const theirs = await ben.createRoom('Observatory of others');
    const weekly = await ann.createRoom('周会纪要');
    const [here, before] = [await ann.createRoom('Here'), await ann.createRoom('Before')];
    const at = await scene.inRoom(ann, before);
    await at.room('Here').click();
    await at.page.waitForURL(`**/r/${here.id}`);
    const options = at.page.getByRole('option');
    const jump = async (words) => {
      await at.jump();
      await at.page.getByRole('combobox').fill(words);
    };
    /** Takes what is chosen; the next jump begins when this one has gone. */
    const take = async () => {
      await at.press('Enter');
      await at.page.getByRole('dialog').waitFor({ state: 'detached' });
    };
    await at.jump();
    await options.first().filter({ hasText: 'Before' }).waitFor();
    await take();
    await at.page.waitForURL(`**/r/${before.id}`);
    await jump(stranger.username);
    await options.filter({ hasText: stranger.username }).waitFor();
    await at.dismiss();
    await jump(`#${stranger.username}`);
    await at.text('quickSwitch.none').waitFor();
    await at.page.getByRole('combobox').fill(`@${stranger.username}`);
    await at.page.getByRole('option', { selected: true }).filter({ hasText: stranger.username }).waitFor();
    await take();
    await at.page.waitForURL((url) => url.pathname.startsWith('/r/') && url.pathname !== `/r/${before.id}`);
    await jump('zhouhui');
    await at.page.getByRole('option', { selected: true }).filter({ hasText: '周会纪要' }).waitFor();
    await take();
    await at.page.waitForURL(`**/r/${weekly.id}`);
    await jump('observatory');
    await at.page.getByRole('option', { selected: true }).filter({ hasText: theirs.name }).waitFor();
    await at.press('Enter');
    await at.page.waitForURL(`**/r/${theirs.id}`);
  });

  play('an answer to what was typed before does not come over the one that is wanted; a server that is away is told of', async (scene) => {
    scene.expect(/net::ERR_FAILED/);
    const ann = await scene.person('ann');
    const [first, second] = [await scene.person('slowone'), await scene.person('slowtwo')];
    const room = await ann.createRoom('Patience');
    const at = await scene.inRoom(ann, room);
    const held = [];
    await at.page.route(/\/api\/users\?/, (route) =>
      route.request().url().includes(first.username) ? held.push(route) : route.continue(),
    );
    await at.press('Control+k');
    const field = at.page.getByRole('combobox');
    await field.fill(first.username);
    await eventually(() => assert.equal(held.length, 1));
    await at.text('quickSwitch.asking').waitFor();
    await field.fill(second.username);
    await at.page.getByRole('option').filter({ hasText: second.username }).waitFor();
    const late = at.page.waitForResponse((answer) => answer.url().includes(first.username));
    await held[0].continue();
    await (await late).finished();
    await at.page.route(/\/api\/users\?/, (route) => route.abort());
    assert.equal(await at.page.getByRole('option').filter({ hasText: first.username }).count(), 0);
    await field.fill('nobody of that name');
    await at.text('quickSwitch.failed').waitFor();
  });
});
