/** The line breaks, the server dies, the page is reloaded: nothing is lost and nothing comes twice. */
import assert from 'node:assert/strict';
import { Client } from '../harness/client.mjs';
import { assertKept } from '../harness/kept.mjs';
import { eventually, suite } from '../harness/suite.mjs';

/** What a browser says about a server that is away. */
const AWAY = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INTERNET_DISCONNECTED|ERR_SOCKET_NOT_CONNECTED|WebSocket connection to .* failed/;

suite('reload', {}, (play) => {
  play('a reload keeps the room and what was being written', async (scene) => {
    const ann = await scene.person('ann');
    const [one, two] = [await ann.createRoom('One'), await ann.createRoom('Two')];
    const at = await scene.inRoom(ann, one);
    await at.write('half a thought in one');
    await at.room('Two').click();
    await at.page.waitForURL(`**/r/${two.id}`);
    await at.hasDraft('');
    await at.write('the other half in two');
    await at.page.reload();
    await at.timeline.waitFor();
    assert.equal(new URL(at.page.url()).pathname, `/r/${two.id}`);
    await at.hasDraft('the other half in two');
    await at.room('One').click();
    await at.hasDraft('half a thought in one');
    await at.press('End');
    await at.composer.press('Enter');
    await at.sees('half a thought in one');
    await at.page.reload();
    await at.seesOnce('half a thought in one');
    await at.hasDraft('');
  });

  play('what is asked for before the page is there, and never answered, is asked for again', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Silence first');
    await ann.say(room, 'there all the time');
    const at = await scene.client(ann);
    const heard = new Set();
    await at.page.route(/\/api\/(auth\/userinfo|rooms)/, (route) => {
      const { pathname } = new URL(route.request().url());
      // Each is left without an answer once.
      if (heard.has(pathname)) return route.fallback();
      heard.add(pathname);
      return undefined;
    });
    await at.page.goto(`/r/${room.id}`);
    await at.stored('there all the time').waitFor({ timeout: 45_000 });
  });

  play('a server that is away does not empty the page', async (scene) => {
    scene.expect(AWAY);
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Kept');
    const at = await scene.inRoom(ann, room);
    await at.post('read before the cut');
    // What is kept for the next visit is written a moment after it came.
    await eventually(() => assertKept(at, room, 'read before the cut'));
    await at.page.route('**/api/**', (route) => route.abort('connectionrefused'));
    await at.page.reload();
    await at.sees('read before the cut');
    await at.composer.waitFor();
  });

  play('what one changes while cut off shows at once, survives a reload, and reaches the server', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Second thoughts');
    const at = await scene.client(ann);
    const line = await at.line();
    await at.openRoom(room);
    await at.post('Meet at tne');
    await at.post('Nonsense');
    await eventually(() => assertKept(at, room, 'Nonsense'));
    await line.cut();
    await at.send('said while cut off');
    await at.waits('said while cut off');

    await at.tool('Meet at tne', 'timeline.edit');
    await at.send('Meet at ten');
    await at.waits('Meet at ten');
    await at.tool('Nonsense', 'timeline.recall');
    await at.page.getByRole('dialog').getByRole('button', { name: at.say('timeline.recall'), exact: true }).click();
    await at.text('timeline.recalledByYou').waitFor();
    const before = await ann.history(room);
    assert.ok(before.some((row) => row.content === 'Meet at tne') && before.some((row) => row.content === 'Nonsense'));

    await at.page.reload();
    await at.waits('Meet at ten');
    await at.text('timeline.recalledByYou').waitFor();
    line.mend();
    await at.seesOnce('Meet at ten');
    await at.seesOnce('said while cut off');
    await eventually(async () => {
      const rows = await ann.history(room);
      assert.ok(rows.some((row) => row.content === 'Meet at ten' && row.edited_at), 'the edit is stored');
      assert.equal(rows.filter((row) => row.recalled_at).length, 1, 'the recall is stored');
    });
    assert.equal(await at.count('Nonsense'), 0);
  });
});

suite('the disk is a guest', {}, (play) => {
  const disks = {
    'denies at its name': () => Object.defineProperty(globalThis, 'indexedDB', { get: () => { throw new DOMException('denied', 'SecurityError'); } }),
    'denies when asked': () => { IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); }; },
    'never answers': () => { IDBFactory.prototype.open = () => Object.create(IDBOpenDBRequest.prototype, { addEventListener: { value: () => undefined }, removeEventListener: { value: () => undefined } }); },
  };
  for (const [what, disk] of Object.entries(disks)) {
    play(`a browser whose storage ${what} logs in, reads and writes`, async (scene) => {
      const ann = await scene.person('ann');
      const room = await ann.createRoom('No disk');
      const at = await scene.visitor();
      await at.page.addInitScript(disk);
      await at.page.goto(`/r/${room.id}`);
      await at.field('auth.login.username').fill(ann.username);
      await at.field('auth.password').fill(ann.password);
      await at.button('auth.login.submit').click();
      await at.composer.waitFor();
      await at.openRoom(room);
      await at.post('said without a disk');
      await at.page.reload();
      await at.seesOnce('said without a disk');
    });
  }
});

suite('server killed', {}, (play) => {
  play('kill -9: the bar counts down, and on return the pages catch up by themselves', async (scene) => {
    scene.expect(AWAY);
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Survivors');
    await ben.join(room);
    const [at, bt] = await Promise.all([scene.inRoom(ann, room), scene.inRoom(ben, room)]);
    await at.post('before the fall');
    await bt.sees('before the fall');

    await scene.server.kill();
    const bar = at.text('connection.reconnecting');
    await bar.waitFor({ timeout: 15_000 });
    const retry = at.button('connection.retryNow');
    await eventually(async () => assert.match(await retry.textContent(), /\d+/), { within: 15_000 });

    await at.send('written while it was down');
    await at.waits('written while it was down');

    await scene.server.resume();
    await ben.say(room, 'said before they were back');
    await at.sees('written while it was down');
    await bt.sees('written while it was down');
    for (const client of [at, bt]) {
      for (const text of ['before the fall', 'said before they were back', 'written while it was down']) {
        await client.seesOnce(text);
      }
    }
    assert.equal(await ann.countOf(room, 'written while it was down'), 1, 'the server has it once');
    await bar.waitFor({ state: 'detached', timeout: 15_000 });
  });

  play('"Retry now" does not wait for the countdown', async (scene) => {
    scene.expect(AWAY, /ERR_FAILED/);
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Impatient');
    const at = await scene.client(ann);
    const line = await at.line();
    await at.page.clock.install();
    await at.openRoom(room);
    await at.post('here');
    // Who asks whether the server is back hears of none: it would come back by itself.
    await at.page.route('**/health', (route) => route.abort());
    await line.cut();
    const retry = at.button('connection.retryNow');
    // A long pause, and then no moment of it passes: only the button can be the reason for coming back.
    await eventually(async () => assert.match(await retry.textContent(), /\b([6-9]|[12]\d)\b/), { within: 40_000 });
    await at.page.clock.pauseAt(1000 + (await at.page.evaluate(() => Date.now())));
    assert.match(await at.text('connection.reconnecting').textContent(), /\b[2-9]\b/, 'it is not the first try');
    line.mend();
    await retry.focus();
    const { tries } = line;
    await at.press('Enter');
    await eventually(() => assert.ok(line.tries > tries, 'it comes back when asked'));
    await at.page.clock.resume();
    await at.post('back at once');
  });

  play('many messages while away: none missing, none twice, in order', async (scene) => {
    scene.expect(AWAY);
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Long absence');
    await ben.join(room);
    // So high that all of them are in the page.
    const at = await scene.inRoom(ann, room, { viewport: { width: 1440, height: 3000 } });
    await at.post('the last before');
    await at.context.setOffline(true);
    const said = Array.from({ length: 30 }, (_, at) => `missed ${String(at).padStart(2, '0')}`);
    await ben.sayAll(room, said);
    await at.context.setOffline(false);
    await at.sees('missed 29');
    await eventually(async () => {
      const shown = await at.page.getByTestId('message').filter({ hasText: 'missed' }).allTextContents();
      assert.deepEqual(shown.map((text) => text.match(/missed \d\d/)[0]), said, 'all of them, each once, in order');
    });
  });
});

suite('offline', {}, (play) => {
  play('what is written offline waits, and is sent once on return, in order', async (scene) => {
    scene.expect(AWAY);
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Tunnel');
    await ben.join(room);
    const [at, bt] = await Promise.all([scene.client(ann), scene.inRoom(ben, room)]);
    const line = await at.line();
    await at.openRoom(room);
    await at.post('entering the tunnel');
    await bt.sees('entering the tunnel');
    await at.context.setOffline(true);
    await line.cut();
    const texts = ['first in the dark', 'second in the dark', 'third in the dark'];
    for (const text of texts) await at.send(text);
    for (const text of texts) await at.waits(text);
    await at.text('connection.offline').waitFor();
    await at.context.setOffline(false);
    line.mend();
    for (const text of texts) {
      await at.seesOnce(text);
      await bt.seesOnce(text);
    }
    const history = (await ann.history(room)).map((row) => row.content).filter((text) => text.includes('dark'));
    assert.deepEqual(history, texts);
  });

  play('what waits survives a reload of the page', async (scene) => {
    scene.expect(AWAY);
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Patience');
    const at = await scene.client(ann);
    const line = await at.line();
    await at.openRoom(room);
    await at.post('online');
    await line.cut();
    await at.send('kept over the reload');
    await at.waits('kept over the reload');
    await at.page.reload();
    await at.waits('kept over the reload');
    assert.equal(await ann.countOf(room, 'kept over the reload'), 0);
    line.mend();
    await at.seesOnce('kept over the reload');
    assert.equal(await ann.countOf(room, 'kept over the reload'), 1);
  });

  play('an answer that is lost on the way is no reason to say it twice', async (scene) => {
    scene.expect(AWAY);
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Lost answers');
    const at = await scene.client(ann);
    const line = await at.line();
    await at.openRoom(room);
    await at.post('online');
    line.deaf = true;
    await at.send('stored, but the page does not know');
    await eventually(async () => assert.equal(await ann.countOf(room, 'stored, but the page does not know'), 1));
    await line.cut();
    line.deaf = false;
    line.mend();
    await at.seesOnce('stored, but the page does not know');
    assert.equal(await ann.countOf(room, 'stored, but the page does not know'), 1);
  });

  play('frames that do not say which send they were make no second row', async (scene) => {
    scene.expect(AWAY);
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Nameless');
    const at = await scene.client(ann);
    const line = await at.line();
    line.anonymous = true;
    await at.openRoom(room);
    for (const text of ['the first', 'the same', 'the same', 'the last']) await at.send(text);
    await at.seesOnce('the first');
    await at.seesOnce('the last');
    await eventually(async () => assert.equal(await at.stored('the same').count(), 2));
    assert.equal(await at.count('the same'), 2);
    line.deaf = true;
    await at.send('heard only later');
    await eventually(async () => assert.equal(await ann.countOf(room, 'heard only later'), 1));
    await line.cut();
    line.deaf = false;
    line.mend();
    await at.seesOnce('heard only later');
  });

  play('a refused send says why, and can be tried again, changed or thrown away', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Refusals');
    await ben.join(room);
    const bt = await scene.client(ben);
    const line = await bt.line();
    await bt.openRoom(room);
    await bt.post('while all is well');
    line.refusal = 'You may not write here.';
    await bt.send('refused, then said again');
    await bt.send('refused, then changed');
    await bt.send('to be thrown away');
    const again = bt.message('refused, then said again');
    await again.getByText('You may not write here.').waitFor();
    await bt.link('app.unsent').waitFor();
    const failed = bt.message('refused, then changed');
    await failed.getByText('You may not write here.').waitFor();
    await failed.getByRole('button', { name: bt.say('timeline.retry') }).waitFor();
    assert.equal(await failed.getAttribute('data-state'), 'failed');

    const other = bt.message('to be thrown away');
    await other.getByRole('button', { name: bt.say('timeline.delete') }).click();
    await other.waitFor({ state: 'detached' });

    await failed.getByRole('button', { name: bt.say('timeline.edit') }).click();
    await bt.hasDraft('refused, then changed');
    await failed.waitFor({ state: 'detached' });

    line.refusal = undefined;
    await again.getByRole('button', { name: bt.say('timeline.retry') }).click();
    await bt.seesOnce('refused, then said again');
    assert.equal(await ann.countOf(room, 'refused, then said again'), 1);
    for (const never of ['to be thrown away', 'refused, then changed']) assert.equal(await ann.countOf(room, never), 0);
  });

  play('a machine without any network uses a server of its own', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('On the train');
    const at = await scene.client(ann);
    await at.page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'onLine', { get: () => false }));
    await at.openRoom(room);
    await at.post('said without any network');
    await at.page.evaluate(() => dispatchEvent(new Event('offline')));
    await at.post('and still said');
  });

  play('a hidden tab, whose clock looks up once a minute, keeps its healthy line', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('In the background');
    await ben.join(room);
    const at = await scene.client(ann);
    const line = await at.line();
    await at.page.clock.install();
    await at.openRoom(room);
    await at.post('before');
    await at.page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    for (let minute = 0; minute < 5; minute += 1) {
      const { heard } = line;
      await at.page.clock.fastForward('01:00');
      // Who hears of somebody in that very moment need not ask.
      await eventually(() => assert.ok(line.heard > heard, 'the page asks, and is answered'));
    }
    assert.equal(line.tries, 1, 'it is the first line still');
    await ben.say(room, 'to whoever listens');
    await at.sees('to whoever listens');
  });

  play('who left while the line was down is not shown as here', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Ghosts');
    await ben.join(room);
    const [at, bt] = await Promise.all([scene.client(ann), scene.inRoom(ben, room)]);
    const line = await at.line();
    await at.openRoom(room);
    await at.button('rooms.membersButton').click();
    const member = (person) => at.page.getByTestId('member').filter({ hasText: person.username });
    const group = (person) => member(person).locator('xpath=preceding::h3[1]').textContent();
    await member(ben).waitFor();
    await eventually(async () => assert.equal(await group(ben), await group(ann), 'both are online'));
    await line.cut();
    await bt.page.close();
    await eventually(async () => assert.equal((await ann.call('GET', `/api/users/${ben.id}`)).presence, 'offline'), { within: 30_000 });
    line.mend();
    await at.post('back again');
    await eventually(async () => assert.notEqual(await group(ben), await group(ann), 'ben has gone'));
  });

  play('a room in which somebody speaks all the time is read while they speak', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Busy');
    await ben.join(room);
    const at = await scene.inRoom(ann, room);
    await at.post('listening');
    await at.page.bringToFront();
    let said = 0;
    let speaking = true;
    const speech = (async () => {
      // Three a second: never as long a pause as a look takes.
      for (; speaking; said += 1) {
        await ben.say(room, `word ${said}`);
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    })();
    try {
      await eventually(async () => {
        assert.ok(said > 6, 'the speech has not begun');
        const [mine] = (await ann.rooms()).filter((one) => one.id === room.id);
        assert.ok(mine.unread < said - 2, `${mine.unread} of ${said} are unread`);
      });
    } finally {
      speaking = false;
      await speech;
    }
  });

  play('what was written for a room one was removed from stays to be copied', async (scene) => {
    scene.expect(/status of (403|404)/);
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Former friends', { is_private: true });
    await ann.call('PUT', `/api/rooms/${room.id}/members/${ben.id}`, { role: 'member' });
    const bt = await scene.client(ben);
    const line = await bt.line();
    await bt.openRoom(room);
    await bt.post('while all was well');
    await line.cut();
    await bt.send('said in the dark');
    await bt.write('half a farewell');
    await ann.call('DELETE', `/api/rooms/${room.id}/members/${ben.id}`);
    line.mend();
    const left = bt.page.getByTestId('leftovers');
    await left.getByText('said in the dark').waitFor();
    await left.getByText('half a farewell').waitFor();
    await bt.page.reload();
    await left.getByText('half a farewell').waitFor();
    await left.getByText('said in the dark').waitFor();
    await left.getByRole('listitem').filter({ hasText: 'half a farewell' }).getByRole('button').click();
    await eventually(async () => assert.equal(await bt.page.evaluate(() => navigator.clipboard.readText()), 'half a farewell'));
    await left.getByRole('button', { name: bt.say('leftovers.letGo') }).click();
    await left.waitFor({ state: 'detached' });
    await bt.link('app.unsent').waitFor({ state: 'detached' });
  });

  play('what is thrown away in one tab is not sent by the other', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Two tabs');
    const at = await scene.client(ann);
    const line = await at.line();
    await at.openRoom(room);
    const other = new Client(await at.context.newPage(), 'en');
    const second = await other.line();
    await other.openRoom(room);
    await at.post('both are here');
    await other.sees('both are here');
    line.refusal = 'Not now.';
    second.refusal = 'Not now.';
    await at.send('better not');
    await other.message('better not').getByText('Not now.').waitFor();
    line.refusal = undefined;
    second.refusal = undefined;
    await other.message('better not').getByRole('button', { name: other.say('timeline.delete') }).click();
    await at.message('better not').waitFor({ state: 'detached' });
    await at.page.reload();
    await at.post('said instead');
    assert.equal(await at.count('better not'), 0);
    assert.equal(await ann.countOf(room, 'better not'), 0);
    await other.post('from the other tab');
    await at.page.close();
    await other.post('the one that is left leads');
    assert.equal(await ann.countOf(room, 'the one that is left leads'), 1);
  });

  play('what was refused in a room that is gone waits to be let go, and then asks for nothing', async (scene) => {
    scene.expect(/status of 404/);
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Short lived');
    await ben.join(room);
    const bt = await scene.client(ben);
    const line = await bt.line();
    await bt.openRoom(room);
    line.refusal = 'You may not write here.';
    await bt.send('too late');
    await bt.link('app.unsent').waitFor();
    await ann.call('DELETE', `/api/rooms/${room.id}`);
    await bt.text('app.roomGone').waitFor();
    await bt.page.getByTestId('leftovers').getByText('too late').waitFor();
    await bt.page.getByTestId('leftovers').getByRole('button', { name: bt.say('leftovers.letGo') }).click();
    await bt.link('app.unsent').waitFor({ state: 'detached' });
  });
});
