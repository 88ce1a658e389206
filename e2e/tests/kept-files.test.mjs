/** Files that outlive their page: reloaded, closed, crashed or beside another, it loses none, and no message goes twice. */
import assert from 'node:assert/strict';
import { assertAccessible } from '../harness/axe.mjs';
import { Client } from '../harness/client.mjs';
import { assertFilesKept, fillDisk, keptAtAll } from '../harness/kept.mjs';
import { picture } from '../harness/pictures.mjs';
import { eventually, suite } from '../harness/suite.mjs';
import { holdPieces, holdUploads, PIECE, pick, tray } from '../harness/uploads.mjs';

const LARGE = { name: 'large.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(2 * PIECE + 7, 3) };
const NOTES = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('what we said') };

suite('kept files', {}, (play) => {
  play('a page that is reloaded sends what waited for its file, from where the server has that', async (scene) => {
    const { ann, room, at, pieces } = await underway(scene, 'Reload');
    await at.send('the large one');
    await at.waits('the large one');
    await at.post('meanwhile');
    await at.page.reload();
    await at.waits('the large one');
    await eventually(() => assert.deepEqual(pieces.offsets, [0, PIECE, PIECE], 'it goes on where it was'));
    await at.page.getByRole('progressbar').waitFor();
    pieces.go();
    await at.seesOnce('the large one');
    await eventually(() => assertFilesKept(at, 0));
    await wentOnce(ann, room, 'the large one');
  });

  play('the server was killed, too, and started again: the upload goes on over both ends', async (scene) => {
    scene.expect(/Failed to load resource|WebSocket/);
    const { ann, room, at, pieces } = await underway(scene, 'Both ends');
    await at.send('over both ends');
    await at.waits('over both ends');
    await scene.server.kill();
    await scene.server.resume();
    await at.page.reload();
    pieces.go();
    await at.seesOnce('over both ends');
    assert.equal(pieces.offsets.filter((from) => from === 0).length, 1, 'the first piece went once');
    await wentOnce(ann, room, 'over both ends');
  });

  play('a tab that crashed comes back with its tray, and another one is opened with it', async (scene) => {
    const { ann, room, at, pieces } = await underway(scene, 'Crash');
    await pick(at, [{ name: 'lake.png', mimeType: 'image/png', buffer: picture(300, 200) }]);
    await tray(at, 'lake.png').locator('img').waitFor();
    await eventually(() => assertFilesKept(at, 2));
    await crash(at);
    const next = new Client(await at.context.newPage(), 'en');
    await next.openRoom(room);
    await tray(next, 'lake.png').locator('img').waitFor();
    await tray(next, 'large.bin').waitFor();
    pieces.go();
    await next.write('both of them');
    await next.press('Enter');
    await next.seesOnce('both of them');
    assert.equal(await next.page.getByTestId('tray').count(), 0, 'the tray is empty again');
    const row = (await ann.history(room)).find((one) => one.content === 'both of them');
    assert.deepEqual(row.attachments.map(({ file_name }) => file_name), ['large.bin', 'lake.png']);
  });

  play('an upload that the server has forgotten begins anew from the bytes that are kept', async (scene) => {
    scene.expect(/status of 404/);
    const { ann, room, at, pieces } = await underway(scene, 'Forgotten');
    await at.send('begun anew');
    await at.waits('begun anew');
    const [address] = pieces.addresses;
    await crash(at);
    const headers = { 'tus-resumable': '1.0.0', origin: scene.server.origin };
    const gone = await at.context.request.delete(address, { headers });
    assert.equal(gone.status(), 204, await gone.text());
    pieces.go();
    const next = new Client(await at.context.newPage(), 'en');
    await next.openRoom(room);
    await next.seesOnce('begun anew');
    await wentOnce(ann, room, 'begun anew');
    assert.equal(pieces.addresses.size, 2, 'there was a second upload');
  });

  play('a file that waited in the tray until the server swept it goes with its message all the same', async (scene) => {
    scene.expect(/status of 404/);
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Swept');
    const at = await scene.inRoom(ann, room);
    const whole = at.page.waitForResponse(/\/api\/files\/\d+\/meta$/);
    await pick(at, [NOTES]);
    const [swept] = /\d+/.exec(new URL((await whole).url()).pathname);
    await tray(at, 'notes.txt').getByRole('progressbar').waitFor({ state: 'detached' });
    await ann.call('DELETE', `/api/files/${swept}`);
    await at.send('a day later');
    await at.seesOnce('a day later');
    const row = (await ann.history(room)).find((one) => one.content === 'a day later');
    assert.deepEqual(row.attachments.map(({ file_name }) => file_name), ['notes.txt']);
    assert.notEqual(row.attachments[0].id, Number(swept));
  });

  play('of two tabs one takes a file: the tray stays where it was, a waiting message is taken along', async (scene) => {
    const { ann, room, at, pieces } = await underway(scene, 'Two tabs');
    await at.send('taken along');
    await at.waits('taken along');
    await pick(at, [NOTES]);
    await tray(at, 'notes.txt').waitFor();
    await eventually(() => assertFilesKept(at, 2));
    const beside = new Client(await at.context.newPage(), 'en');
    await beside.openRoom(room);
    await beside.waits('taken along');
    assert.equal(await beside.message('taken along').getByText(at.like('files.lost')).count(), 0, 'it is not lost');
    assert.equal(await beside.page.getByTestId('tray').count(), 0, 'the tray is the other one’s');
    // Who has just opened waits a moment for the tab of a reload to let go, and then for a message alone.
    await eventually(async () => {
      const { pending } = await beside.page.evaluate(() => navigator.locks.query());
      assert.equal(pending.filter(({ name }) => name.startsWith('chinwag.files')).length, 1);
    });
    await crash(at);
    pieces.go();
    await beside.seesOnce('taken along');
    await wentOnce(ann, room, 'taken along');
    assert.equal(await beside.page.getByTestId('tray').count(), 0, 'nor is it taken from a tab that may come back');
    const again = new Client(await at.context.newPage(), 'en');
    await again.openRoom(room);
    await tray(again, 'notes.txt').waitFor();
  });

  play('a file for which the device has no room says so, goes all the same, and is missed after a reload', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('No room');
    const at = await scene.inRoom(ann, room);
    await fillDisk(at);
    const held = await holdUploads(at);
    await pick(at, [NOTES]);
    await tray(at, 'notes.txt').getByText(at.say('files.fleeting')).waitFor();
    await assertAccessible(at.page, 'a tray with a file that is not kept');
    await at.send('of this page alone');
    await at.waits('of this page alone');
    await at.page.reload();
    const lost = at.message('of this page alone');
    await lost.getByText(at.say('files.lost')).waitFor();
    await lost.getByRole('button', { name: at.say('timeline.edit'), exact: true }).click();
    await at.hasDraft('of this page alone');
    held.go();
    // What took the room was nothing, and is cleared away.
    await pick(at, [NOTES]);
    await eventually(() => assertFilesKept(at, 1));
    await at.press('Enter');
    await at.seesOnce('of this page alone');
  });

  play('what is thrown away after a reload is gone from the device and from the server', async (scene) => {
    scene.expect(/status of 404/);
    const { at, pieces } = await underway(scene, 'Thrown away');
    await at.page.reload();
    await tray(at, 'large.bin').waitFor();
    await at.button('files.remove', { name: 'large.bin' }).click();
    await tray(at, 'large.bin').waitFor({ state: 'detached' });
    await eventually(() => assertFilesKept(at, 0));
    const [address] = pieces.addresses;
    const headers = { 'tus-resumable': '1.0.0' };
    await eventually(async () => assert.equal((await at.context.request.head(address, { headers })).status(), 404));
    await at.page.reload();
    await at.composer.waitFor();
    assert.equal(await at.page.getByTestId('tray').count(), 0);
    pieces.go();
  });

  play('who logs out leaves no file on the device', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Leave nothing');
    const at = await scene.inRoom(ann, room);
    const held = await holdUploads(at);
    await pick(at, [NOTES]);
    await tray(at, 'notes.txt').waitFor();
    await eventually(() => assertFilesKept(at, 1, { begun: false }));
    await at.page.goto('/settings/account');
    await at.button('settings.account.logout').click();
    await at.field('auth.login.username').waitFor();
    assert.deepEqual((await keptAtAll(at)).indexed, []);
    held.go();
  });

  play('a recording that was on its way is a voice message after the reload, with its shape', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Voice');
    const at = await scene.inRoom(ann, room, { permissions: ['microphone'] });
    const held = await holdUploads(at);
    await at.page.getByTestId('mic').click();
    const strip = at.page.getByTestId('voice-strip');
    await strip.getByRole('timer').filter({ hasText: /0:0[1-9]|0:[1-5]/ }).waitFor();
    await at.page.getByTestId('send-voice').click();
    await eventually(() => assertFilesKept(at, 1, { begun: false }));
    await at.page.reload();
    held.go();
    await eventually(async () => {
      const [said] = (await ann.history(room)).filter(({ attachments = [] }) => attachments.length > 0);
      assert.equal(said?.type, 'voice');
      assert.ok(said.attachments[0].waveform.length > 0);
    });
  });
});

/** A room with a file in its tray whose first piece the server has, and no more for now. */
async function underway(scene, name) {
  const ann = await scene.person('ann');
  const room = await ann.createRoom(name);
  const at = await scene.inRoom(ann, room);
  const pieces = await holdPieces(at);
  await pick(at, [LARGE]);
  await tray(at, 'large.bin').waitFor();
  await eventually(() => assert.deepEqual(pieces.offsets, [0, PIECE], 'the first piece is kept'));
  await eventually(() => assertFilesKept(at, 1));
  return { ann, room, at, pieces };
}

/** The page has no moment to say goodbye. */
async function crash(at) {
  const devtools = await at.context.newCDPSession(at.page);
  const crashed = at.page.waitForEvent('crash');
  devtools.send('Page.crash').catch(() => undefined);
  await crashed;
}

async function wentOnce(ann, room, text) {
  assert.equal(await ann.countOf(room, text), 1);
  const row = (await ann.history(room)).find((one) => one.content === text);
  assert.equal(row.attachments[0].file_size, LARGE.buffer.length);
}
