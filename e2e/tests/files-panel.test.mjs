/** The files of a room beside it, and of all rooms on a sheet of their own. */
import assert from 'node:assert/strict';
import { assertAccessible } from '../harness/axe.mjs';
import { picture } from '../harness/pictures.mjs';
import { sounded, tone } from '../harness/sounds.mjs';
import { eventually, PHONE, says, suite } from '../harness/suite.mjs';

/** Uploads them and shows them with one message. */
async function show(person, room, words, ...files) {
  const ids = [];
  for (const [name, bytes] of files) ids.push((await person.upload(name, bytes)).id);
  return person.say(room, words, { attachments: ids });
}

const LAKE = ['lake.png', picture(600, 400, 1)];
const HILL = ['hill.png', picture(400, 600, 2)];
const NOTES = ['报告_100%.txt', Buffer.from('what we said')];
const SONG = ['song.wav', tone(1)];

async function furnished(scene, name) {
  const [ann, ben] = [await scene.person('ann', { display_name: 'Ann Lake' }), await scene.person('ben')];
  const room = await ann.createRoom(name);
  await ben.join(room);
  await show(ben, room, 'look', LAKE);
  await show(ann, room, 'read', NOTES);
  await show(ben, room, 'hear', SONG);
  await show(ann, room, 'climb', HILL);
  return { ann, ben, room };
}

const list = (at) => at.page.getByTestId('file-list');
const pictures = (at) => at.page.getByTestId('listed-picture');
const files = (at, name) => at.page.getByTestId('listed-file').filter({ hasText: name });
const tab = (at, kind) => at.page.getByRole('tab', { name: at.say(`fileList.kind.${kind}`), exact: true });
const search = (at) => at.page.getByRole('searchbox', { name: at.say('fileList.find') });

async function names(at) {
  return list(at).locator('bdi:first-child').allInnerTexts();
}

suite('files-panel', {}, (play) => {
  play('the files of a room are beside it, by kind and by name, and each leads to its message', async (scene) => {
    const { ann, room } = await furnished(scene, 'Beside');
    await ann.sayMany(room, Array.from({ length: 80 }, (_, at) => `word ${at}`));
    const at = await scene.inRoom(ann, room);
    await at.button('rooms.files').click();
    await at.page.waitForURL(/panel=files/);
    await files(at, 'song.wav').waitFor();
    await eventually(async () => assert.equal(await pictures(at).count(), 2));
    await list(at).getByText(at.say('fileList.end')).waitFor();
    await assertAccessible(at.page, 'the files of a room');

    await tab(at, 'image').click();
    await files(at, 'song.wav').waitFor({ state: 'detached' });
    await eventually(async () => assert.equal(await pictures(at).count(), 2));
    await tab(at, 'audio').click();
    await files(at, 'song.wav').getByTestId('audio').waitFor();
    assert.equal(await pictures(at).count(), 0);
    await tab(at, 'video').click();
    await at.page.getByText(at.like('fileList.none', { kind: 'video' })).waitFor();
    await assertAccessible(at.page, 'no films');

    await tab(at, 'all').click();
    await search(at).fill('0%.T');
    await pictures(at).first().waitFor({ state: 'detached' });
    await files(at, NOTES[0]).waitFor();
    const wanted = at.page.waitForEvent('download');
    await at.page.getByRole('link', { name: at.like('fileList.download', { name: NOTES[0] }) }).click();
    assert.equal((await wanted).suggestedFilename(), NOTES[0]);
    await search(at).fill('nothing like it');
    await at.page.getByText(at.like('fileList.noneNamed', { words: 'nothing like it' })).waitFor();
    await search(at).fill('报告_');
    await at.page.getByRole('button', { name: at.like('fileList.toMessage', { name: NOTES[0] }) }).click();
    await at.message('read').waitFor();
    await at.page.waitForURL(/\/m\/\d+\?panel=files/);
    await files(at, NOTES[0]).waitFor();
  });

  play('pictures are enlarged and leafed through, and lead to where they were shown', async (scene) => {
    const { ann, room } = await furnished(scene, 'Leaf');
    const at = await scene.inRoom(ann, room);
    await at.page.goto(`/r/${room.id}?panel=files`);
    await at.page.getByRole('button', { name: at.like('fileList.picture', { name: 'hill.png' }) }).click();
    await at.page.getByTestId('enlarged').waitFor();
    assert.equal(await at.page.getByTestId('enlarged').getAttribute('alt'), 'hill.png');
    await at.press('ArrowRight');
    await eventually(async () => assert.equal(await at.page.getByTestId('enlarged').getAttribute('alt'), 'lake.png'));
    await at.page.getByRole('button', { name: at.say('media.lightbox.toMessage') }).click();
    await at.message('look').waitFor();
    await at.page.waitForURL(/\/m\/\d+/);
  });

  play('what is shown while one looks stands first, and what is taken back leaves', async (scene) => {
    const { ann, ben, room } = await furnished(scene, 'Live');
    const at = await scene.inRoom(ann, room);
    await at.page.goto(`/r/${room.id}?panel=files`);
    await files(at, NOTES[0]).waitFor();
    const shown = await show(ben, room, 'more', ['fresh.txt', Buffer.from('new')]);
    await files(at, 'fresh.txt').waitFor();
    assert.equal((await names(at))[0], 'fresh.txt');
    await ben.recall(shown);
    await files(at, 'fresh.txt').waitFor({ state: 'detached' });
    await files(at, NOTES[0]).waitFor();
  });

  play('a list that is long comes as one goes down, each file once, to its end', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Long');
    for (let at = 0; at < 8; at += 1) {
      const ten = Array.from({ length: 10 }, (_, one) => [`page-${at * 10 + one}.txt`, Buffer.from(`${at} ${one}`)]);
      await show(ann, room, '', ...ten);
    }
    const at = await scene.inRoom(ann, room);
    await at.page.goto(`/r/${room.id}?panel=files`);
    // Each is there once, or it could not be told which one to go to.
    for (let one = 79; one >= 0; one -= 1) await files(at, `page-${one}.txt`).scrollIntoViewIfNeeded();
    await list(at).getByText(at.say('fileList.end')).waitFor();
  });

  play('the files of all rooms say whose room they are of, and of no room that one may not see', async (scene) => {
    const { ann, ben, room } = await furnished(scene, 'Everywhere');
    const secret = await ben.createRoom('Secret', { is_private: true });
    await show(ben, secret, '', ['secret.txt', Buffer.from('x')]);
    const open = await ben.createRoom('Not joined');
    await show(ben, open, '', ['open.txt', Buffer.from('y')]);
    const direct = await ann.direct(ben);
    const told = await show(ben, direct, '', ['between us.txt', Buffer.from('z')]);
    const at = await scene.inRoom(ann, room);
    await at.button('rooms.files').click();
    await at.button('fileList.everywhere').click();
    await at.page.waitForURL(/\/files$/);
    await files(at, 'between us.txt').getByText(ben.username).first().waitFor();
    await files(at, 'open.txt').getByText('Not joined').waitFor();
    await files(at, 'song.wav').filter({ hasText: 'Everywhere' }).waitFor();
    await search(at).fill('secret');
    await at.page.getByText(at.like('fileList.noneNamed', { words: 'secret' })).waitFor();
    await search(at).fill('');
    await files(at, 'open.txt').waitFor();
    await assertAccessible(at.page, 'the files of all rooms');
    await ben.recall(told);
    await files(at, 'between us.txt').waitFor({ state: 'detached' });
    await show(ben, room, '', ['later.txt', Buffer.from('w')]);
    await files(at, 'later.txt').waitFor();
    await at.page.getByRole('button', { name: at.like('fileList.toMessage', { name: 'open.txt' }) }).click();
    await at.page.waitForURL(new RegExp(`/r/${open.id}/m/`));
  });

  play('the desk has a way to the files of all rooms, and says when one is there', async (scene) => {
    const { ann, room } = await furnished(scene, 'From the desk');
    const at = await scene.inRoom(ann, room);
    const way = at.page.getByRole('navigation').getByRole('link', { name: at.say('app.panel.files'), exact: true });
    assert.equal(await way.getAttribute('aria-current'), null);
    await way.click();
    await at.page.waitForURL(/\/files$/);
    // Other rooms that one may read have files of this name, too.
    await files(at, NOTES[0]).first().waitFor();
    assert.equal(await way.getAttribute('aria-current'), 'page');
    await assertAccessible(at.page, 'the files of all rooms beside the desk');
  });

  play('a voice is told as a voice, and not by the name of its file', async (scene) => {
    const { ann, ben, room } = await furnished(scene, 'Spoken');
    const voice = await ann.upload('voice-2026-11-28-090507.wav', tone(3));
    await ann.say(room, '', { type: 'voice', attachments: [voice.id] });
    const at = await scene.inRoom(ben, room);
    await at.page.goto(`/r/${room.id}?panel=files`);
    const told = files(at, at.say('media.voiceMessage'));
    await told.getByText('Ann Lake').waitFor();
    await told.getByText('0:03', { exact: true }).first().waitFor();
    await says(told, /^(?!.*(090507|WAV))/s);
    await sounded(told.getByTestId('audio'), told.getByRole('button', { name: at.like('media.play') }));
    await assertAccessible(at.page, 'a voice among files');
  });

  play('until a picture has come its colours are in its place', async (scene) => {
    const { ann, room } = await furnished(scene, 'Colours');
    const at = await scene.inRoom(ann, room);
    let come;
    const coming = new Promise((done) => (come = done));
    await at.page.route('**/api/files/*?thumb=256', async (route) => {
      await coming;
      await route.continue();
    });
    await at.page.goto(`/r/${room.id}?panel=files`);
    const colours = pictures(at).locator('canvas');
    await eventually(async () => assert.equal(await colours.count(), 2));
    const isPainted = await colours.first().evaluate((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.some((part, at) => at % 4 !== 3 && part > 0);
    });
    assert.ok(isPainted, 'they are its colours');
    come();
    await eventually(async () => assert.equal(await colours.count(), 0));
  });

  play('who is removed from a room sees its files no more', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ben.createRoom('Kicked', { is_private: true });
    await ben.call('PUT', `/api/rooms/${room.id}/members/${ann.id}`, { role: 'member' });
    await show(ben, room, '', ['ours.txt', Buffer.from('x')]);
    const at = await scene.client(ann);
    await at.page.goto('/files');
    await files(at, 'ours.txt').waitFor();
    await ben.call('DELETE', `/api/rooms/${room.id}/members/${ann.id}`);
    await files(at, 'ours.txt').waitFor({ state: 'detached' });
  });

  play('what does not come is said, and comes when it is asked for again', async (scene) => {
    const { ann, room } = await furnished(scene, 'Broken');
    scene.expect(/Failed to load resource/);
    const at = await scene.inRoom(ann, room);
    await at.page.route(`**/api/rooms/${room.id}/files?**`, (route) => route.abort());
    await at.page.goto(`/r/${room.id}?panel=files`);
    await at.page.getByText(at.say('fileList.loadFailed')).waitFor();
    await assertAccessible(at.page, 'files that did not come');
    await at.page.unroute(`**/api/rooms/${room.id}/files?**`);
    await at.page.getByRole('alert').getByRole('button', { name: at.say('ui.retry') }).click();
    await files(at, NOTES[0]).waitFor();
  });

  play('by keys alone from the tabs to the first file and its message', async (scene) => {
    const { ann, room } = await furnished(scene, 'Keys');
    const at = await scene.inRoom(ann, room);
    await at.page.goto(`/r/${room.id}?panel=files`);
    await files(at, NOTES[0]).waitFor();
    await search(at).focus();
    await at.press('Tab');
    await at.press('ArrowRight');
    await eventually(async () => assert.equal(await tab(at, 'image').getAttribute('aria-selected'), 'true'));
    // Until the list of all has left, its files take the focus with them.
    await files(at, NOTES[0]).waitFor({ state: 'detached' });
    await at.page.getByRole('button', { name: at.like('fileList.picture', { name: 'hill.png' }) }).waitFor();
    await at.press('Tab');
    await at.press('Enter');
    await at.page.getByTestId('enlarged').waitFor();
    await at.dismiss();
    await eventually(async () => {
      const named = await at.page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
      assert.match(named ?? '', /hill\.png/, 'the focus is where it was');
    });
  });

  play('on a phone the files have the screen, and Back leads to the room', async (scene) => {
    const { ann, room } = await furnished(scene, 'Pocket files');
    const at = await scene.inRoom(ann, room, { ...PHONE, locale: 'zh-Hans' });
    await at.button('rooms.files').tap();
    await files(at, NOTES[0]).waitFor();
    await eventually(async () => {
      const box = await at.page.getByRole('complementary').boundingBox();
      assert.deepEqual([box?.x, box?.width], [0, 390]);
    });
    const wide = await at.page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 390, `the page is ${wide} wide`);
    await assertAccessible(at.page, 'files on a phone');
    await at.page.goBack();
    await files(at, NOTES[0]).waitFor({ state: 'detached' });
    await at.page.goto('/files');
    const notes = files(at, NOTES[0]).filter({ hasText: 'Pocket files' });
    await notes.waitFor();
    await assertAccessible(at.page, 'all files on a phone');
    await notes.getByRole('button').tap();
    await at.message('read').waitFor();
  });
});
