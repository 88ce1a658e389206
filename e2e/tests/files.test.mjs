/** Files: how they come in, how they are seen by others, and that nothing is lost on the way. */
import assert from 'node:assert/strict';
import { assertAccessible } from '../harness/axe.mjs';
import { film } from '../harness/films.mjs';
import { picture } from '../harness/pictures.mjs';
import { eventually, PHONE, suite } from '../harness/suite.mjs';
import { holdPieces, holdUploads, PIECE, pick, tray } from '../harness/uploads.mjs';

const NOTES = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('what we said') };

suite('files', {}, (play) => {
  play('a picture that is pasted is seen by another, as large as it was before it came', async (scene) => {
    const { ann, room, benAt } = await two(scene, 'Paste');
    const at = await scene.inRoom(ann, room);
    await give(at, 'paste', [{ name: 'holiday.png', type: 'image/png', buffer: picture(600, 400) }]);
    await tray(at, 'holiday.png').waitFor();
    await at.write('the lake');
    await at.press('Enter');
    await at.sees('the lake');
    await benAt.sees('the lake');
    const seen = benAt.message('the lake').getByTestId('picture');
    const img = seen.locator('img[data-seen]');
    await img.waitFor();
    const { box, natural } = await img.evaluate((one) => ({
      box: one.closest('[data-testid=picture]').getBoundingClientRect(),
      natural: one.naturalWidth / one.naturalHeight,
    }));
    assert.ok(Math.abs(box.width / box.height - 1.5) < 0.02, `it is ${box.width} × ${box.height}`);
    assert.ok(Math.abs(natural - 1.5) < 0.02, 'what came has the same shape');
    assert.equal(await at.page.getByTestId('tray').count(), 0, 'the tray is empty again');
    await assertAccessible(benAt.page, 'a room with a picture');
  });

  play('a picture has its place before the code that draws it has come', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Far');
    const { id } = await ann.upload('lake.png', picture(600, 400));
    await ann.say(room, 'the lake', { attachments: [id] });
    const at = await scene.client(ann);
    let come;
    const coming = new Promise((go) => {
      come = go;
    });
    await at.page.route('**/assets/attachments-*.js', async (route) => {
      await coming;
      await route.fallback();
    });
    await at.openRoom(room);
    await at.sees('the lake');
    await at.calm();
    const before = await at.message('the lake').boundingBox();
    come();
    await at.message('the lake').locator('img[data-seen]').waitFor();
    await at.calm();
    const after = await at.message('the lake').boundingBox();
    assert.ok(Math.abs(after.height - before.height) < 1, `it was ${before.height} high and is ${after.height}`);
  });

  play('files that are let go of over the page go with the next message, also without a word', async (scene) => {
    const { ann, room, benAt } = await two(scene, 'Drop');
    const at = await scene.inRoom(ann, room);
    const files = [
      { name: 'a.png', type: 'image/png', buffer: picture(300, 300, 1) },
      { name: 'b.png', type: 'image/png', buffer: picture(300, 300, 2) },
      { name: 'notes.txt', type: 'text/plain', buffer: NOTES.buffer },
    ];
    await give(at, 'dragover', files);
    await at.page.getByTestId('drop-zone').waitFor();
    await at.page.getByText(at.say('files.dropHint')).waitFor();
    await give(at, 'drop', files);
    await at.page.getByTestId('drop-zone').waitFor({ state: 'detached' });
    await tray(at, 'notes.txt').waitFor();
    await assertAccessible(at.page, 'a tray with files');
    await at.press('Enter');
    const row = benAt.page.getByTestId('message').filter({ has: benAt.page.getByTestId('attachments') });
    await row.waitFor();
    await eventually(async () => assert.equal(await row.getByTestId('picture').locator('img[data-seen]').count(), 2));
    const wanted = benAt.page.waitForEvent('download');
    await row.getByRole('link', { name: benAt.like('files.download', { name: 'notes.txt' }) }).click();
    const download = await wanted;
    assert.equal(download.suggestedFilename(), 'notes.txt');
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    assert.equal(Buffer.concat(chunks).toString(), 'what we said');
  });

  play('what is taken out of the tray, or too large for the server, does not go', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Choose');
    const at = await scene.inRoom(ann, room);
    const held = await holdUploads(at);
    await pick(at, [NOTES, { ...NOTES, name: 'other.txt' }]);
    await tray(at, 'other.txt').waitFor();
    await at.button('files.remove', { name: 'notes.txt' }).click();
    await tray(at, 'notes.txt').waitFor({ state: 'detached' });
    await at.page.evaluate(() => {
      const file = new File(['x'], 'film.mp4');
      Object.defineProperty(file, 'size', { value: 10 ** 12 });
      const data = new DataTransfer();
      const event = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
      Object.defineProperty(event, 'dataTransfer', { value: { types: ['Files'], files: [file] } });
      window.dispatchEvent(event);
    });
    await tray(at, 'film.mp4').getByText(at.like('files.tooLarge')).waitFor();
    held.go();
    await at.write('only one');
    await at.press('Enter');
    await at.sees('only one');
    const row = (await ann.history(room)).find((one) => one.content === 'only one');
    assert.deepEqual(row.attachments.map(({ file_name }) => file_name), ['other.txt']);
    await tray(at, 'film.mp4').waitFor();
  });

  play('a message waits for its files while others go, and can be taken back until then', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Wait');
    const at = await scene.inRoom(ann, room);
    const held = await holdUploads(at);
    await pick(at, [NOTES]);
    await tray(at, 'notes.txt').waitFor();
    await at.send('with a file');
    await at.waits('with a file');
    await at.post('meanwhile');
    await at.message('with a file').getByRole('button', { name: at.say('files.cancel') }).click();
    await at.hasDraft('with a file');
    await pick(at, [NOTES]);
    await at.press('Enter');
    await at.waits('with a file');
    held.go();
    await at.sees('with a file');
    assert.equal(await ann.countOf(room, 'with a file'), 1);
  });

  play('an upload goes on where the server has it, after that was killed in the middle', async (scene) => {
    const { ann, room, benAt } = await two(scene, 'Killed');
    scene.expect(/Failed to load resource|WebSocket/);
    const at = await scene.inRoom(ann, room);
    const pieces = await holdPieces(at);
    await pick(at, [{ name: 'large.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(2 * PIECE + 7, 3) }]);
    await at.send('the large one');
    await at.waits('the large one');
    await eventually(() => assert.deepEqual(pieces.offsets, [0, PIECE], 'the first piece is kept'));
    await scene.server.kill();
    pieces.go();
    await scene.server.resume();
    await at.sees('the large one');
    await benAt.sees('the large one');
    assert.equal(pieces.offsets.filter((from) => from === 0).length, 1, 'the first piece went once');
    const row = (await ann.history(room)).find((one) => one.content === 'the large one');
    assert.equal(row.attachments[0].file_size, 2 * PIECE + 7);
  });

  play('the words of a picture can be changed and taken away, and with a recall it is gone', async (scene) => {
    const { ann, room, benAt } = await two(scene, 'Caption');
    scene.expect(/404/);
    const at = await scene.inRoom(ann, room);
    await pick(at, [{ name: 'lake.png', mimeType: 'image/png', buffer: picture(200, 200) }]);
    await at.send('the lake');
    await at.sees('the lake');
    const address = await benAt.message('the lake').getByTestId('picture').getByRole('link').getAttribute('href');
    await at.press('ArrowUp');
    await at.hasDraft('the lake');
    await at.write('');
    await at.press('Enter');
    const row = benAt.page.getByTestId('message').filter({ has: benAt.page.getByTestId('picture') });
    await eventually(async () => assert.equal(await row.getByText('the lake').count(), 0));
    await row.waitFor();
    const [{ id }] = (await ann.history(room)).filter(({ attachments }) => attachments.length > 0);
    await ann.recall({ id });
    await benAt.text('timeline.recalled').waitFor();
    await row.waitFor({ state: 'detached' });
    const status = await benAt.page.evaluate(async (path) => (await fetch(path)).status, address);
    assert.equal(status, 404);
  });

  play('who leaves the page with files on their way is asked', async (scene) => {
    const ann = await scene.person('ann');
    const at = await scene.inRoom(ann, await ann.createRoom('Leave'));
    const held = await holdUploads(at);
    await pick(at, [NOTES]);
    await tray(at, 'notes.txt').waitFor();
    // A browser asks for nobody who has not touched the page.
    await at.composer.click();
    const asked = at.page.waitForEvent('dialog');
    const left = at.page.close({ runBeforeUnload: true });
    const dialog = await asked;
    assert.equal(dialog.type(), 'beforeunload');
    await dialog.dismiss();
    await left;
    await tray(at, 'notes.txt').waitFor();
    held.go();
  });

  play('a video that was picked has its place at once, and others see what it shows before they play it', async (scene) => {
    const { ann, room, benAt } = await two(scene, 'Film');
    const at = await scene.inRoom(ann, room);
    const held = await holdUploads(at);
    await pick(at, [{ name: 'lake.webm', mimeType: 'video/webm', buffer: await film(at.page) }]);
    await tray(at, 'lake.webm').locator('img').waitFor();
    await at.send('the lake moves');
    await at.waits('the lake moves');
    const before = await at.page.getByTestId('coming-film').boundingBox();
    held.go();
    await at.sees('the lake moves');
    const after = await at.message('the lake moves').getByTestId('video').boundingBox();
    assert.deepEqual([after.width, after.height], [before.width, before.height]);
    await benAt.sees('the lake moves');
    const still = benAt.message('the lake moves').getByTestId('video').locator('img');
    await eventually(async () => {
      const [wide, bright] = await still.evaluate((one) => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
        const context = canvas.getContext('2d');
        context.drawImage(one, 0, 0, 8, 8);
        return [one.naturalWidth, Math.max(...context.getImageData(0, 0, 8, 8).data.filter((_, at) => at % 4 !== 3))];
      });
      assert.ok(wide >= 256 && bright > 100, `it is ${wide} wide and ${bright} bright`);
    });
  });

  play('what is pasted while nothing that takes text has the focus goes into the box', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Beside');
    await ann.say(room, 'pressed');
    const at = await scene.inRoom(ann, room);
    await at.page.evaluate(() => navigator.clipboard.writeText('from elsewhere'));
    await at.message('pressed').click();
    await at.press('Control+v');
    await at.hasDraft('from elsewhere');
  });

  play('a finger is asked where a file shall come from', async (scene) => {
    const ann = await scene.person('ann');
    const at = await scene.inRoom(ann, await ann.createRoom('Finger'), PHONE);
    await at.button('composer.attach').tap();
    await at.page.getByRole('menu').waitFor();
    const chooser = at.page.waitForEvent('filechooser');
    await at.page.evaluate(() => undefined);
    await at.page.getByRole('menuitem', { name: at.say('files.pictures') }).tap();
    await (await chooser).setFiles([{ name: 'wide.png', mimeType: 'image/png', buffer: picture(1600, 300) }]);
    await tray(at, 'wide.png').waitFor();
    assert.equal(await at.page.locator('input[type=file]').getAttribute('accept'), 'image/*,video/*');
    await at.page.getByTestId('send').tap();
    await at.page.locator('[data-testid=message]:not([data-state]) [data-testid=picture] img[data-seen]').waitFor();
    const { width, scroll } = await at.page.evaluate(() => {
      const right = Math.max(...[...document.querySelectorAll('[data-testid=picture]')].map((one) => one.getBoundingClientRect().right));
      return { width: document.documentElement.clientWidth, scroll: right };
    });
    assert.ok(scroll <= width, `a picture reaches to ${scroll} of ${width}`);
  });

  play('the button for files can be pressed by keys, from wherever one is', async (scene) => {
    const ann = await scene.person('ann');
    const at = await scene.inRoom(ann, await ann.createRoom('Keys'));
    await at.page.locator('input[type=file]').waitFor({ state: 'attached' });
    const chooser = at.page.waitForEvent('filechooser');
    // By its answer the browser knows that the files are chosen here.
    await at.page.evaluate(() => undefined);
    await at.press('Control+u');
    await (await chooser).setFiles([NOTES]);
    await tray(at, 'notes.txt').waitFor();
    await at.hasFocus(at.composer);
  });
});

/** Two people in a room, the second one with the page open. */
async function two(scene, name) {
  const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
  const room = await ann.createRoom(name);
  await ben.join(room);
  return { ann, ben, room, benAt: await scene.inRoom(ben, room) };
}

/** Files come by an event of the page: pasted into the box, or held over the page and let go of. */
async function give(at, type, files) {
  await at.page.locator('input[type=file]').waitFor({ state: 'attached' });
  await at.composer.evaluate(
    (box, [type, files]) => {
      const data = new DataTransfer();
      for (const { name, type: kind, bytes } of files) {
        data.items.add(new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], name, { type: kind }));
      }
      const how = { bubbles: true, cancelable: true };
      if (type === 'paste') box.dispatchEvent(new ClipboardEvent('paste', { ...how, clipboardData: data }));
      else box.dispatchEvent(new DragEvent(type, { ...how, dataTransfer: data }));
    },
    [type, files.map(({ name, type, buffer }) => ({ name, type, bytes: buffer.toString('base64') }))],
  );
}
