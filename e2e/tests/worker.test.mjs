/** What a device keeps of the client: the page opens when the server is away, and gives way to another build only when asked. */
import assert from 'node:assert/strict';
import { assertKept } from '../harness/kept.mjs';
import { eventually, suite } from '../harness/suite.mjs';

/** What a browser says about a server that is away, or whose proxy answers for it. */
const AWAY = /ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED|ERR_FAILED|status of 502|WebSocket connection to .* failed/;
const WORKER = { serviceWorkers: 'allow' };

/** Every address that any cache of this origin holds, by the cache. */
const kept = (at) =>
  at.page.evaluate(async () => {
    const all = {};
    for (const name of await caches.keys()) {
      const requests = await (await caches.open(name)).keys();
      all[name] = requests.map(({ url }) => new URL(url).pathname);
    }
    return all;
  });

const settled = (at) => at.page.evaluate(async () => void (await navigator.serviceWorker.ready));

suite('worker', { front: true }, (play) => {
  for (const [how, fail] of [
    ['away', (front) => (front.away = true)],
    ['answered for by its proxy', (front) => (front.refuses = 502)],
  ]) {
    play(`the server is ${how}: the page opens with what was read, and goes on when it is back`, async (scene) => {
      scene.expect(AWAY);
      const ann = await scene.person('ann');
      const room = await ann.createRoom('Far out');
      const at = await scene.client(ann, WORKER);
      await at.openRoom(room);
      await at.post('read before it went');
      await settled(at);
      await eventually(() => assertKept(at, room, 'read before it went'));
      const { front } = scene.server;
      fail(front);
      front.cut();
      await at.page.reload();
      await at.sees('read before it went');
      await at.send('said to nobody');
      await at.message('said to nobody').waitFor();
      assert.equal(await ann.countOf(room, 'said to nobody'), 0);
      front.mend();
      await at.sees('said to nobody');
      assert.equal(await ann.countOf(room, 'said to nobody'), 1);
    });
  }

  play('an upgraded server: the open page keeps its own parts until it is loaded anew, and old ones go', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Upgraded');
    const at = await scene.client(ann, WORKER);
    const { front } = scene.server;
    const state = () =>
      at.page.evaluate(async () => {
        const { active, waiting, installing } = await navigator.serviceWorker.getRegistration();
        return [active, waiting, installing].map((worker) => worker?.state);
      });
    await at.openRoom(room);
    await settled(at);
    const [before] = Object.keys(await kept(at));
    front.build = 'nextbuild';
    await at.page.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration()).update()));
    await eventually(async () => assert.deepEqual(await state(), ['activated', 'installed', undefined]));
    assert.deepEqual(Object.keys(await kept(at)).sort(), [before, 'chinwag-page-nextbuild'].sort());
    // The files of this page are gone from the server: a part that was never opened comes all the same.
    await at.link('app.settings').click();
    await at.field('settings.profile.displayName').waitFor();
    assert.deepEqual(await state(), ['activated', 'installed', undefined], 'nobody has asked for the new one yet');

    await at.openRoom(room);
    await eventually(async () => assert.deepEqual(await state(), ['activated', undefined, undefined]));
    assert.equal(await at.page.locator('meta[name=chinwag-build]').getAttribute('content'), 'nextbuild');
    front.build = 'thirdbuild';
    // The browser has found the new one before the page comes to ask.
    await at.page.addInitScript(() => {
      const { register } = ServiceWorkerContainer.prototype;
      ServiceWorkerContainer.prototype.register = async function (...words) {
        const registration = await register.apply(this, words);
        const found = new Promise((done) => registration.addEventListener('updatefound', done));
        if (!registration.installing && !registration.waiting) await found;
        return registration;
      };
    });
    await at.page.reload();
    await at.composer.waitFor();
    await eventually(async () => {
      assert.deepEqual(Object.keys(await kept(at)).sort(), ['chinwag-page-nextbuild', 'chinwag-page-thirdbuild']);
    });
  });

  play('no answer of the server is kept with the page, and logging out leaves nothing to read', async (scene) => {
    scene.expect(AWAY);
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Between us');
    const at = await scene.client(ann, WORKER);
    await at.openRoom(room);
    await settled(at);
    // A page that the worker has in hand asks for everything once more.
    await at.page.reload();
    await at.post('a secret of the room');
    await at.button('rooms.membersButton').click();
    await at.page.getByTestId('member').first().waitFor();
    await at.page.goto('/settings/account');
    await at.button('settings.account.logout').waitFor();
    const addresses = Object.values(await kept(at)).flat();
    assert.ok(addresses.includes('/'), 'the page is kept');
    assert.deepEqual(addresses.filter((path) => path !== '/' && !path.startsWith('/assets/')), []);
    await at.button('settings.account.logout').click();
    await at.field('auth.login.username').waitFor();
    scene.server.front.away = true;
    scene.server.front.cut();
    await at.page.goto(`/r/${room.id}`);
    await at.page.locator('main').waitFor();
    assert.equal(await at.page.getByText('a secret of the room').count(), 0);
    assert.equal(await at.page.getByText('Between us').count(), 0);
  });
});
