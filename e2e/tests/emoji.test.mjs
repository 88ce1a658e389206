/** The place's own emoji: added by one, seen, found and copied by others, deleted. */
import assert from 'node:assert/strict';
import { assertAccessible } from '../harness/axe.mjs';
import { picture } from '../harness/pictures.mjs';
import { eventually, PHONE, says, suite } from '../harness/suite.mjs';

/** Opens the list of them from the picker. */
async function manage(at) {
  await at.button('composer.emoji').click();
  await at.button('emoji.manage').click();
  await at.dialog('emoji.own').waitFor();
}

/** Adds one by the dialog that is open, as `name`. */
async function add(at, name, file = `${name}.png`) {
  await at.page.getByTestId('emoji-file').setInputFiles({ name: file, mimeType: 'image/png', buffer: picture(300, 200) });
  await at.page.locator('[data-testid=crop-stage][data-there]').waitFor();
  await at.field('emoji.name').fill(name);
  await at.button('emoji.add').click();
  await row(at, name).waitFor();
}

const row = (at, name) => at.page.getByTestId('own-emoji').filter({ hasText: `:${name}:` });
const pictureIn = (within, name) => within.getByRole('img', { name: `:${name}:`, exact: true });
const isDrawn = (image) =>
  eventually(async () => assert.equal(await image.evaluate((one) => one.complete && one.naturalWidth), 200));
const allMessages = (at) => at.page.getByTestId('message');

/** An emoji of the place, past the page. */
async function given(person, name) {
  const form = new FormData();
  form.append('name', name);
  form.append('file', new Blob([picture(64, 64)]), `${name}.png`);
  return person.call('POST', '/api/emojis', form);
}

suite('emoji of the place', {}, (play) => {
  play('what one adds another sees in a message at once, without reloading, and copies as its name', async (scene) => {
    const [ann, ben] = [await scene.person('ann', { display_name: 'Ann' }), await scene.person('ben')];
    const room = await ann.createRoom('Parrots');
    await ben.join(room);
    await ben.say(room, 'soon: :ann-parrot: and `:ann-parrot:`');
    const seen = await scene.inRoom(ben, room);
    await seen.sees('soon: :ann-parrot: and');

    const at = await scene.inRoom(ann, room);
    await manage(at);
    await assertAccessible(at.page, 'the emoji of a place');
    await add(at, 'ann-parrot', 'Ann Parrot.png');
    await says(row(at, 'ann-parrot'), /Ann/);
    await at.dismiss();

    const there = pictureIn(allMessages(seen), 'ann-parrot');
    await isDrawn(there);
    assert.equal(await there.count(), 1, 'in code it stays text');
    const { height } = await there.boundingBox();
    const letters = await there.evaluate((one) => Number.parseFloat(getComputedStyle(one.parentElement).fontSize));
    assert.ok(Math.abs(height - 1.4 * letters) < 1, `${height} beside letters of ${letters}`);

    await there.evaluate((one) => getSelection().selectAllChildren(one.closest('.md')));
    await seen.press('Control+c');
    const copied = await seen.page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^soon: :ann-parrot: and :ann-parrot:/);

    // Alone it is large; in a quote it stands in its line.
    await seen.send(':ann-parrot:');
    const alone = pictureIn(at.page.locator('[data-testid=message]:not([data-state]) [data-large]'), 'ann-parrot');
    await isDrawn(alone);
    assert.ok((await alone.boundingBox()).height > 40, 'alone it is large');
    await allMessages(at).last().focus();
    await at.press('r');
    await isDrawn(pictureIn(at.page.getByTestId('composer'), 'ann-parrot'));
    await at.send('what a bird');
    await isDrawn(pictureIn(seen.message('what a bird'), 'ann-parrot'));
  });

  play('it is completed before the standard ones, and picked from a group of its own', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Names');
    await given(ann, 'rocket-cat');
    const at = await scene.inRoom(ann, room);
    await at.composer.click();
    await at.type('look :rock');
    const options = at.page.getByRole('option');
    await options.filter({ hasText: ':rocket-cat:' }).waitFor();
    await says(options.first(), /:rocket-cat:/);
    await at.press('Enter');
    await at.hasDraft('look :rocket-cat: ');
    await at.press('Enter');
    await isDrawnAt64(pictureIn(at.message('look'), 'rocket-cat'));

    await at.type('and');
    await at.button('composer.emoji').click();
    await at.page.getByRole('grid').waitFor();
    await at.page.locator('.emoji-group').filter({ hasText: at.say('emoji.own') }).waitFor();
    await assertAccessible(at.page, 'the picker with emoji of the place');
    await at.field('emoji.search').fill('rocket-c');
    const cells = at.page.getByRole('gridcell');
    await eventually(async () => assert.equal(await cells.count(), 1));
    await cells.first().click();
    await at.hasDraft('and:rocket-cat:');
  });

  play('a name is refused as it is typed, and who did not add it may not delete it', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Mine');
    await ben.join(room);
    await given(ann, 'only-ann');
    await ann.say(room, 'look :only-ann:');
    const at = await scene.inRoom(ben, room, { ...PHONE, colorScheme: 'dark', locale: 'zh-Hans' });
    await isDrawnAt64(pictureIn(at.message('look'), 'only-ann'));
    await at.button('composer.emoji').tap();
    await at.button('emoji.manage').tap();
    await row(at, 'only-ann').waitFor();
    assert.equal(await at.button('emoji.delete', { name: ':only-ann:' }).count(), 0, 'not offered');
    const buffer = picture(64, 64);
    await at.page.getByTestId('emoji-file').setInputFiles({ name: 'Only Ann.png', mimeType: 'image/png', buffer });
    await at.text('emoji.fault.taken').waitFor();
    await assertAccessible(at.page, 'naming an emoji on a phone');
    await at.button('crop.back').tap();
    await at.page.goBack();

    const hers = await scene.inRoom(ann, room);
    await isDrawnAt64(pictureIn(hers.message('look'), 'only-ann'));
    await manage(hers);
    await hers.button('emoji.delete', { name: ':only-ann:' }).click();
    await hers.button('emoji.deleteConfirm').click();
    await row(hers, 'only-ann').waitFor({ state: 'detached' });
    await at.message('look :only-ann:').waitFor();
    assert.equal(await pictureIn(at.message('look'), 'only-ann').count(), 0, 'its name again');
  });

  play('a picture that is slow moves nothing, one that does not come is its name, and many are bounded', async (scene) => {
    scene.expect(/status of 404/);
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Slow');
    await given(ann, 'slow-one');
    await given(ann, 'no-one');
    const many = ':slow-one:'.repeat(390);
    for (const text of [many, 'slow :slow-one: one', ':slow-one:', 'none :no-one: here']) await ann.say(room, text);
    const at = await scene.client(ann);
    const { emojis } = await ann.call('GET', '/api/emojis');
    const none = emojis.find(({ name }) => name === 'no-one').url;
    let go;
    const gone = new Promise((done) => {
      go = done;
    });
    await at.page.route('**/api/avatars/*', async (route) => {
      if (route.request().url().endsWith(none)) return route.fulfill({ status: 404 });
      await gone;
      return route.continue();
    });
    await at.openRoom(room);
    await at.sees('none :no-one: here');
    const slow = pictureIn(at.message('slow').last(), 'slow-one');
    await slow.waitFor();
    const places = () => allMessages(at).evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().toJSON()));
    const before = await places();
    go();
    await isDrawnAt64(slow);
    await isDrawnAt64(pictureIn(at.page.locator('[data-large]'), 'slow-one'));
    assert.deepEqual(await places(), before);
    assert.equal(await pictureIn(allMessages(at), 'no-one').count(), 0);
    assert.equal(await pictureIn(allMessages(at).first(), 'slow-one').count(), 100);
  });
});

const isDrawnAt64 = (image) =>
  eventually(async () => assert.equal(await image.evaluate((one) => one.complete && one.naturalWidth), 64));
