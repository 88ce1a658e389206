/** The pictures that stand for people and rooms: picked, cropped, seen by others, taken away. */
import assert from 'node:assert/strict';
import { PASSWORD } from '../harness/api.mjs';
import { assertAccessible } from '../harness/axe.mjs';
import { picture } from '../harness/pictures.mjs';
import { eventually, PHONE, suite } from '../harness/suite.mjs';

const UPLOADED = /^\/api\/avatars\/[0-9a-f]{32}$/;

/** Where the picture in this comes from, once it has come; undefined where letters stand alone. */
const sourceIn = (locator) =>
  locator.first().evaluate((one) => {
    const image = one.matches('img') ? one : one.querySelector('.ui-avatar img, .ui-tile img');
    return image ? image.complete && image.naturalWidth > 0 && image.getAttribute('src') : undefined;
  });
const shows = (locator, expected, what) =>
  eventually(async () => {
    const source = await sourceIn(locator);
    if (expected instanceof RegExp) assert.match(`${source}`, expected, what);
    else assert.equal(source, expected, what);
  });
/** The colour in the middle of a picture, as the browser draws it. */
const middleOf = (locator) =>
  locator.evaluate((image) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    return [...context.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data];
  });
const transformOf = (at) => at.page.getByTestId('crop-stage').locator('img').evaluate((one) => one.style.transform);
/** Puts a file where the page asks for one. */
const give = (at, name, buffer, mimeType = 'image/png') =>
  at.page.getByTestId('avatar-file').setInputFiles({ name, mimeType, buffer });
const isOpen = (at) => at.page.locator('[data-testid=crop-stage][data-there]').waitFor();

suite('avatars', {}, (play) => {
  play('one picks a drawn picture with a new account, by keys alone, and others see it', async (scene) => {
    const host = await scene.person('host');
    const room = await host.createRoom('Front door');
    const guest = await scene.visitor();
    await guest.page.goto('/register');
    await guest.field('auth.username').fill('fox-lover');
    await guest.field('auth.email').fill('fox-lover@example.com');
    await guest.field('auth.password').fill(PASSWORD);
    const set = guest.page.getByRole('group', { name: guest.say('avatars.pick') });
    assert.equal(await set.getByRole('radio', { checked: true }).count(), 0, 'nothing is picked for one');
    await assertAccessible(guest.page, 'a new account');
    const first = set.getByRole('radio').first();
    await first.focus();
    await guest.press('Space');
    await guest.press('ArrowRight');
    await guest.press('ArrowLeft');
    assert.equal(await first.isChecked(), true);
    await guest.press('Enter');
    await guest.composer.waitFor();
    await shows(guest.page.locator('.desk-me'), '/avatars/fox.svg', 'on one\u2019s own desk');

    await guest.openRoom(room);
    await guest.button('roomDialogs.join').click();
    await guest.post('hello, it is me');
    const at = await scene.inRoom(host, room);
    await shows(at.message('hello, it is me'), '/avatars/fox.svg', 'beside what one said');
    await at.button('rooms.membersButton').click();
    await shows(at.page.getByTestId('member').filter({ hasText: 'fox-lover' }), '/avatars/fox.svg', 'among the members');
  });

  play('a picture of one\u2019s own is cropped, sent, and seen by who looks at that moment', async (scene) => {
    const [ann, ben] = [await scene.person('ann', { display_name: 'Ann' }), await scene.person('ben')];
    const room = await ann.createRoom('Faces');
    await ben.join(room);
    await ann.say(room, 'look at me');
    const seen = await scene.inRoom(ben, room);
    await shows(seen.message('look at me'), undefined, 'letters before');

    const at = await scene.client(ann);
    await at.page.goto('/settings/profile');
    await at.button('avatars.choose').click();
    await at.holdsFocus(at.dialog('avatars.title'));
    await assertAccessible(at.page, 'choosing a picture');
    await give(at, 'notes.txt', Buffer.from('words'), 'text/plain');
    await at.text('avatars.unreadable').waitFor();
    await give(at, 'broken.png', Buffer.from('no picture'));
    await at.text('avatars.unreadable').waitFor();
    // Red grows to the right, green downwards.
    await give(at, 'wide.png', picture(1200, 400));
    await isOpen(at);
    await assertAccessible(at.page, 'cropping a picture');
    const stage = at.page.getByTestId('crop-stage');
    const before = await transformOf(at);
    await stage.focus();
    for (let step = 0; step < 12; step += 1) await at.press('ArrowLeft');
    assert.notEqual(await transformOf(at), before, 'keys move it');
    await at.press('+');
    assert.match(await transformOf(at), /scale\(1\.5\)/);
    await at.press('0');
    const { x, y, width, height } = await stage.boundingBox();
    await at.page.mouse.move(x + width / 2, y + height / 2);
    await at.page.mouse.wheel(0, -240);
    await eventually(async () => assert.match(await transformOf(at), /scale\(1\.[2-9]/, 'the wheel zooms'));
    await at.field('crop.zoom').fill('0');
    assert.match(await transformOf(at), /scale\(1\)/, 'the slider takes it back');
    // Its right end, where there is most of red.
    await at.page.mouse.move(x + width / 2, y + height / 2);
    await at.page.mouse.down();
    await at.page.mouse.move(x + width / 2 - 900, y + height / 2, { steps: 6 });
    await at.page.mouse.up();
    await at.button('avatars.use').click();
    await at.page.getByRole('dialog').waitFor({ state: 'detached' });
    await shows(at.page.locator('.set-avatar'), UPLOADED, 'on one\u2019s own page');

    await shows(seen.message('look at me'), UPLOADED, 'beside what was said before');
    const image = seen.message('look at me').locator('.ui-avatar img');
    const [red, green] = await middleOf(image);
    assert.ok(red > 180 && green > 100 && green < 155, `the right end of it was taken: ${[red, green]}`);
    const size = await image.evaluate((one) => [one.naturalWidth, one.naturalHeight]);
    assert.deepEqual(size, [400, 400], 'no larger than it was');

    scene.expect(/status of 404/);
    const former = await sourceIn(seen.message('look at me'));
    await at.button('avatars.remove').click();
    await shows(at.page.locator('.set-avatar'), undefined, 'letters again');
    await shows(seen.message('look at me'), undefined, 'letters for others, too');
    const gone = await seen.page.evaluate((address) => fetch(address, { cache: 'reload' }).then(({ status }) => status), former);
    assert.equal(gone, 404, 'what was taken away is nowhere');
  });

  play('a room has the picture that who may edit it gave it, and a conversation that of the other', async (scene) => {
    const [ann, ben] = [await scene.person('ann', { display_name: 'Ann' }), await scene.person('ben', { display_name: 'Ben' })];
    const room = await ann.createRoom('Tea house');
    await ben.join(room);
    const talk = await ann.direct(ben);
    const seen = await scene.inRoom(ben, room);
    await seen.page.goto(`/r/${room.id}?panel=details`);
    await seen.page.getByText('Tea house').first().waitFor();
    assert.equal(await seen.button('avatars.choose').count(), 0, 'a member is offered nothing');
    const at = await scene.client(ann);
    await at.page.goto(`/r/${room.id}?panel=details`);
    await at.button('avatars.choose').click();
    await at.page.getByRole('radio', { name: at.say('avatars.drawn.owl') }).check();
    await at.button('avatars.use').click();
    await at.page.getByRole('dialog').waitFor({ state: 'detached' });
    await shows(at.room('Tea house'), '/avatars/owl.svg', 'in the list of who gave it');
    await shows(seen.room('Tea house'), '/avatars/owl.svg', 'in the list of a member');
    await shows(seen.page.locator('.rh'), '/avatars/owl.svg', 'at the head of the room');

    await ann.call('PUT', `/api/users/${ann.id}/avatar`, { drawn: 'crane' });
    await shows(seen.room('Ann'), '/avatars/crane.svg', 'for a conversation the other person');
    assert.ok(talk.id > 0);
    await seen.jump();
    await seen.type('tea');
    await shows(seen.page.getByRole('option').filter({ hasText: 'Tea house' }), '/avatars/owl.svg', 'where one jumps');
    await seen.dismiss();
    await at.button('avatars.remove').click();
    await shows(seen.room('Tea house'), undefined, 'its letter again');
  });

  play('on a phone two fingers zoom what one crops, and Back leaves it', async (scene) => {
    const ann = await scene.person('ann');
    const at = await scene.client(ann, { ...PHONE, colorScheme: 'dark', locale: 'zh-Hans' });
    await at.page.goto('/settings/profile');
    await at.button('avatars.choose').tap();
    await at.dialog('avatars.title').waitFor();
    await assertAccessible(at.page, 'choosing on a phone');
    await give(at, 'tall.png', picture(500, 900));
    await isOpen(at);
    await assertAccessible(at.page, 'cropping on a phone');
    const { x, y, width, height } = await at.page.getByTestId('crop-stage').boundingBox();
    const devtools = await at.context.newCDPSession(at.page);
    const touch = (type, ...points) => devtools.send('Input.dispatchTouchEvent', { type, touchPoints: points });
    const finger = (id, from) => ({ id, x: x + width / 2 + from, y: y + height / 2 });
    await touch('touchStart', finger(0, -30), finger(1, 30));
    for (const way of [40, 60, 80]) await touch('touchMove', finger(0, -way), finger(1, way));
    await touch('touchEnd');
    await eventually(async () => {
      const scale = Number(/scale\(([\d.]+)\)/.exec(await transformOf(at))?.[1]);
      assert.ok(scale > 2, `two fingers zoom: ${scale}`);
    });
    await at.button('avatars.use').tap();
    await at.page.getByRole('dialog').waitFor({ state: 'detached' });
    await shows(at.page.locator('.set-avatar'), UPLOADED);
    await at.button('avatars.change').tap();
    await at.dialog('avatars.title').waitFor();
    await at.page.goBack();
    await at.page.getByRole('dialog').waitFor({ state: 'detached' });
  });
});
