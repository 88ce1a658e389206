/** What people do all day, on a server as it is installed: nothing of it is too much for the limits that are set there. */
import assert from 'node:assert/strict';
import { film } from '../harness/films.mjs';
import { picture } from '../harness/pictures.mjs';
import { eventually, suite } from '../harness/suite.mjs';
import { pick } from '../harness/uploads.mjs';

/** As they are where nobody sets them; the other suites come faster than people do. */
const AS_INSTALLED = { LIMITS__FRAMES_PER_SECOND: '20', LIMITS__FRAMES_BURST: '40' };
const MESSAGES = 12;
const EACH = 8;

/** Waits until all pictures in sight are drawn. A refused one is told by the browser, too. */
const drawn = (list) =>
  eventually(async () => {
    const all = await list.locator('img').evaluateAll((images) => images.map((one) => one.complete && one.naturalWidth > 0));
    assert.ok(all.length > 0 && all.every(Boolean), `${all.filter(Boolean).length} of ${all.length} are drawn`);
  });

suite('everyday', { settings: AS_INSTALLED }, (play) => {
  play('a room full of pictures, many rooms and many files are within the limits of a server as it is installed', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Album');
    for (let at = 0; at < 10; at += 1) await ann.createRoom(`Side room ${at}`);
    // One person a message: nobody uploads a hundred pictures in a second.
    for (const [at, one] of (await scene.crowd(room, MESSAGES)).entries()) {
      const ids = [];
      for (let seed = 0; seed < EACH; seed += 1) ids.push((await one.upload(`p${seed}.png`, picture(320, 240, at * EACH + seed))).id);
      await one.say(room, `album ${at}`, { type: 'image', attachments: ids });
    }
    const at = await scene.client(ann);
    const refused = [];
    at.page.on('response', (answer) => answer.status() === 429 && refused.push(`${answer.request().method()} ${answer.url()}`));

    await at.openRoom(room);
    await at.sees(`album ${MESSAGES - 1}`);
    await drawn(at.timeline);
    while (!(await at.message('album 0').isVisible())) {
      await at.timeline.evaluate((list) => list.scrollBy(0, -list.clientHeight));
      await drawn(at.timeline);
    }
    await at.button('rooms.files').click();
    const listed = at.page.getByTestId('file-list');
    await drawn(listed);
    for (let page = 0; page < 6; page += 1) {
      await listed.evaluate((list) => list.scrollBy(0, list.clientHeight));
      await drawn(listed);
    }
    await at.page.goto('/files');
    await drawn(listed);
    for (let side = 0; side < 10; side += 1) await at.room(`Side room ${side}`).click();
    await at.room('Album').click();

    const lake = { name: 'lake.webm', mimeType: 'video/webm', buffer: await film(at.page) };
    const some = Array.from({ length: EACH }, (_, seed) => ({
      name: `mine ${seed}.png`,
      mimeType: 'image/png',
      buffer: picture(300, 200, 200 + seed),
    }));
    for (const words of ['a walk', 'and another']) {
      await at.write(words);
      await pick(at, [lake, ...some]);
      await at.composer.press('Enter');
      await at.sees(words);
      await at.message(words).getByTestId('video').locator('img').waitFor();
    }
    for (let line = 0; line < 5; line += 1) await at.post(`line ${line}`);
    for (let time = 0; time < 3; time += 1) {
      await at.page.reload();
      await at.sees('line 4');
    }
    assert.deepEqual(refused, []);
  });
});
