/** What is looked at, played and recorded: pictures in front of the room, sounds that go on elsewhere, voices and faces. */
import assert from 'node:assert/strict';
import { PASSWORD } from '../harness/api.mjs';
import { assertAccessible } from '../harness/axe.mjs';
import { picture } from '../harness/pictures.mjs';
import { sounded, tone } from '../harness/sounds.mjs';
import { ELSEWHERE, eventually, PHONE, suite } from '../harness/suite.mjs';

/** A browser that may record. */
const MAY = { permissions: ['microphone', 'camera'] };

const scaleOf = (at) =>
  at.page.getByTestId('enlarged').evaluate((one) => Number(/scale\(([\d.]+)\)/.exec(one.style.transform)?.[1]));
const shows = (at, name) => at.page.getByTestId('enlarged').and(at.page.getByAltText(name)).waitFor();
/** It has come, and has the room that it can have. */
const isSeen = (at) =>
  eventually(async () => {
    const picture = at.page.getByTestId('enlarged');
    assert.equal(await picture.getAttribute('data-state'), 'there');
    assert.ok((await picture.boundingBox()).width >= 300, 'it is as large as it can be');
  });
const sounds = (locator, phase) =>
  eventually(async () => assert.equal(await locator.getAttribute('data-phase'), phase), { within: 10_000 });
/** Whether a picture is more than black. */
const isBright = (image) =>
  image.evaluate((one) => {
    if (!one.complete || one.naturalWidth === 0) return false;
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [8, 8];
    const context = canvas.getContext('2d');
    context.drawImage(one, 0, 0, 8, 8);
    return Math.max(...context.getImageData(0, 0, 8, 8).data.filter((_, at) => at % 4 !== 3)) > 60;
  });
const secondsOf = async (slider) => Number(await slider.inputValue());

suite('media', {}, (play) => {
  play('pictures are enlarged, leafed through and zoomed by keys, and the focus comes back', async (scene) => {
    const [ann, ben] = [await scene.person('ann', { display_name: 'Ann' }), await scene.person('ben', { display_name: 'Ben' })];
    const room = await ann.createRoom('Gallery');
    await ben.join(room);
    const red = await ben.upload('red.png', picture(1600, 800));
    const green = await ben.upload('green.png', picture(400, 300, 1));
    await ben.say(room, 'two of them', { type: 'image', attachments: [red.id, green.id] });
    const at = await scene.inRoom(ann, room);
    const opener = at.page.getByTestId('attachments').getByRole('link').first();
    await opener.focus();
    await at.press('Enter');

    await shows(at, 'red.png');
    await isSeen(at);
    await at.holdsFocus(at.page.getByRole('dialog'));
    await assertAccessible(at.page, 'a picture in front of the room');
    await at.press('ArrowRight');
    await shows(at, 'green.png');
    await isSeen(at);
    await at.press('+');
    await at.press('+');
    assert.equal(await scaleOf(at), 2.25);
    await at.press('0');
    assert.equal(await scaleOf(at), 1);
    await at.press('ArrowLeft');
    await shows(at, 'red.png');
    await isSeen(at);

    const wide = await at.page.getByTestId('enlarged').boundingBox();
    await at.page.mouse.move(wide.x + wide.width / 4, wide.y + wide.height / 2);
    await at.page.mouse.wheel(0, -240);
    await eventually(async () => assert.ok((await scaleOf(at)) > 1.2, 'the wheel zooms'));
    const before = await at.page.getByTestId('enlarged').boundingBox();
    await at.page.mouse.down();
    await at.page.mouse.move(wide.x + wide.width / 4 + 60, wide.y + wide.height / 2, { steps: 4 });
    await at.page.mouse.up();
    await eventually(async () => assert.ok((await at.page.getByTestId('enlarged').boundingBox()).x > before.x, 'it is moved'));

    const [download] = await Promise.all([
      at.page.waitForEvent('download'),
      at.page.getByRole('link', { name: at.say('media.lightbox.download') }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'red.png');
    await at.press('Escape');
    await at.page.getByRole('dialog').waitFor({ state: 'detached' });
    await at.hasFocus(opener);
  });

  play('two fingers zoom a picture, one leads on or puts it away, and Back closes it', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Pocket gallery');
    const files = [await ann.upload('red.png', picture(800, 1200)), await ann.upload('green.png', picture(400, 300, 1))];
    await ann.say(room, '', { type: 'image', attachments: files.map(({ id }) => id) });
    const at = await scene.client(ann, { ...PHONE, colorScheme: 'dark', locale: 'zh-Hans' });
    await at.page.goto('/');
    await at.room('Pocket gallery').tap();
    await at.page.getByTestId('attachments').getByRole('link').first().waitFor();
    await at.calm();
    await at.page.getByTestId('attachments').getByRole('link').first().tap();
    await shows(at, 'red.png');
    await isSeen(at);
    await assertAccessible(at.page, 'a picture on a phone');

    const { x, y, width, height } = await at.page.getByTestId('enlarged').boundingBox();
    const [middle, line] = [x + width / 2, y + height / 2];
    const devtools = await at.context.newCDPSession(at.page);
    const touch = (type, ...points) => devtools.send('Input.dispatchTouchEvent', { type, touchPoints: points });
    const finger = (id, from) => ({ id, x: middle + from, y: line });
    await touch('touchStart', finger(0, 80));
    for (const way of [40, 0, -40, -80]) await touch('touchMove', finger(0, way));
    await touch('touchEnd');
    await shows(at, 'green.png');
    await isSeen(at);

    await touch('touchStart', finger(0, -30), finger(1, 30));
    for (const way of [40, 60, 80]) await touch('touchMove', finger(0, -way), finger(1, way));
    await touch('touchEnd');
    await eventually(async () => assert.ok((await scaleOf(at)) > 2, 'two fingers zoom'));

    await at.page.goBack();
    await at.page.getByRole('dialog').waitFor({ state: 'detached' });
    await at.composer.waitFor();

    await at.page.getByTestId('attachments').getByRole('link').first().tap();
    await shows(at, 'red.png');
    await isSeen(at);
    await touch('touchStart', { id: 0, x: middle, y: line });
    for (const way of [30, 70, 120]) await touch('touchMove', { id: 0, x: middle, y: line + way });
    await touch('touchEnd');
    await at.page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  play('what is taken back while one looks at it is gone, and the others can be looked at', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Taken back');
    await ben.join(room);
    const red = await ben.upload('red.png', picture(400, 300));
    await ben.say(room, 'for good', { type: 'image', attachments: [red.id] });
    const green = await ben.upload('green.png', picture(400, 300, 1));
    const said = await ben.say(room, 'not for long', { type: 'image', attachments: [green.id] });
    const at = await scene.inRoom(ann, room);
    const first = at.page.getByTestId('attachments').getByRole('link').first();
    await first.waitFor();
    await at.calm();
    await first.click();
    await shows(at, 'red.png');
    await at.press('ArrowRight');
    await shows(at, 'green.png');
    await ben.recall(said);
    await at.page.getByRole('dialog').waitFor({ state: 'detached' });
    await at.text('timeline.recalled').waitFor();
    await at.calm();
    await first.click();
    await shows(at, 'red.png');
  });

  play('a sound goes on in another room, is told there, and leads back', async (scene) => {
    const ann = await scene.person('ann');
    const [studio, quiet] = [await ann.createRoom('Studio'), await ann.createRoom('Quiet')];
    const song = await ann.upload('song.wav', tone(120));
    await ann.say(studio, 'hear this', { attachments: [song.id] });
    const at = await scene.inRoom(ann, studio);
    const player = at.page.getByTestId('audio');
    await player.getByRole('button', { name: at.like('media.play', { title: 'song.wav' }) }).click();
    await sounds(player, 'playing');
    await assertAccessible(at.page, 'a sound that plays');
    const slider = player.getByRole('slider');
    await slider.focus();
    await at.press('End');
    await sounds(player, 'idle');
    // The next key begins it anew, from where that leads.
    for (let step = 0; step < 12; step += 1) await at.press('ArrowRight');
    await eventually(async () => assert.ok((await secondsOf(slider)) >= 1, 'keys move it'));
    await sounds(player, 'playing');

    await at.room('Quiet').click();
    const bar = at.page.getByTestId('now-playing');
    await bar.getByText('Studio').waitFor();
    await sounds(bar, 'playing');
    await assertAccessible(at.page, 'a sound from elsewhere');
    await bar.getByRole('button', { name: at.like('media.pause', { title: 'song.wav' }) }).click();
    await sounds(bar, 'paused');
    await bar.getByText('Studio').click();
    await at.sees('hear this');
    await sounds(at.page.getByTestId('audio'), 'paused');
    await at.page.getByTestId('audio').getByRole('button', { name: at.like('media.rate', { rate: '1' }) }).click();
    await at.page.reload();
    await at.page.getByTestId('audio').getByRole('button', { name: at.like('media.rate', { rate: '1.5' }) }).waitFor();
  });

  play('on a phone what sounds is told on the list and in a room', async (scene) => {
    const ann = await scene.person('ann');
    const [studio] = [await ann.createRoom('Studio'), await ann.createRoom('Quiet')];
    const song = await ann.upload('song.wav', tone(120));
    await ann.say(studio, 'hear this', { attachments: [song.id] });
    const at = await scene.client(ann, PHONE);
    await at.page.goto('/');
    await at.room('Studio').tap();
    await at.page.getByTestId('audio').getByRole('button', { name: at.like('media.play') }).tap();
    const bar = at.page.getByTestId('now-playing');
    await sounds(bar, 'playing');
    await at.button('rooms.back').tap();
    await bar.getByText('Studio').waitFor();
    await at.room('Quiet').tap();
    await bar.getByText('Studio').waitFor();
    await assertAccessible(at.page, 'a sound from elsewhere on a phone');
    await bar.getByText('Studio').tap();
    await at.sees('hear this');
    await sounds(bar, 'playing');
    await bar.getByRole('button', { name: at.say('ui.close') }).tap();
    await bar.waitFor({ state: 'detached' });
  });

  play('a voice is recorded, paused, heard, sent, and heard by another', async (scene) => {
    const [ann, ben] = [await scene.person('ann', { display_name: 'Ann' }), await scene.person('ben')];
    const [room, other] = [await ann.createRoom('Voices'), await ann.createRoom('Other')];
    await ben.join(room);
    const at = await scene.inRoom(ann, room, MAY);
    const there = await scene.inRoom(ben, room);
    await at.write('a draft that stays');
    await at.page.getByTestId('mic').click();
    const strip = at.page.getByTestId('voice-strip');
    await sounds(strip, 'running');
    await assertAccessible(at.page, 'while a voice is recorded');
    await strip.getByRole('timer').filter({ hasText: /0:0[1-9]|0:[1-5]/ }).waitFor();
    await at.button('media.pauseRecording').click();
    await sounds(strip, 'paused');
    await at.button('media.goOn').click();
    await sounds(strip, 'running');
    await strip.getByRole('timer').filter({ hasText: /0:0[2-9]|0:[1-5]/ }).waitFor();

    // Who moves on loses nothing, and is not listened to any longer.
    await at.room('Other').click();
    await at.page.getByTestId('mic').waitFor();
    await at.room('Voices').click();
    await sounds(strip, 'review');
    await assertAccessible(at.page, 'a voice before it is sent');
    const mine = strip.getByTestId('audio');
    await sounded(mine, mine.getByRole('button', { name: at.like('media.play', { title: at.say('media.yourRecording') }) }));
    await at.page.getByTestId('send-voice').click();
    await strip.waitFor({ state: 'detached' });
    await at.hasDraft('a draft that stays');

    const heard = there.page.getByTestId('audio');
    await sounded(heard, heard.getByRole('button', { name: there.like('media.play') }));
    const [message] = (await ben.history(room)).filter(({ type }) => type === 'voice');
    const [voice] = message.attachments;
    assert.equal(voice.category, 'audio');
    assert.ok(voice.duration > 1.5 && voice.duration < 60, `it is ${voice.duration} s long`);
    assert.ok(voice.waveform.length > 10 && voice.waveform.length <= 64, `${voice.waveform.length} peaks`);
    assert.equal(Math.max(...voice.waveform), 100);
    assert.ok(other.id);
  });

  play('Escape ends a recording and loses nothing of it', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Out of it');
    const at = await scene.inRoom(ann, room, MAY);
    await at.page.getByTestId('mic').click();
    const strip = at.page.getByTestId('voice-strip');
    await sounds(strip, 'running');
    await strip.getByRole('timer').filter({ hasText: /0:0[1-9]|0:[1-5]/ }).waitFor();
    await at.press('Escape');
    await sounds(strip, 'review');
    await at.press('Escape');
    await sounds(strip, 'review');
    await at.page.getByTestId('send-voice').click();
    await at.page.locator('[data-testid=message]:not([data-state])').getByTestId('audio').waitFor();
  });

  play('a voice answers what one was about to answer, and words that were begun stay', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Answers');
    await ben.join(room);
    const asked = await ben.say(room, 'How was it?');
    const at = await scene.inRoom(ann, room, MAY);
    await at.tool('How was it?', 'timeline.reply');
    await at.write('begun');
    await at.page.getByTestId('mic').click();
    const strip = at.page.getByTestId('voice-strip');
    await sounds(strip, 'running');
    await strip.getByRole('timer').filter({ hasText: /0:0[1-9]|0:[1-5]/ }).waitFor();
    await at.page.getByTestId('send-voice').click();
    await at.page.locator('[data-testid=message]:not([data-state])').getByTestId('audio').waitFor();
    await at.hasDraft('begun');
    await at.post('something else');
    const said = await ann.history(room);
    assert.equal(said.find(({ type }) => type === 'voice').reply_to?.message_id, asked.id);
    assert.equal(said.find(({ content }) => content === 'something else').reply_to ?? undefined, undefined);
  });

  play('a microphone that is held records until it is let go of', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Held');
    const at = await scene.inRoom(ann, room, MAY);
    const mic = at.page.getByTestId('mic');
    await mic.hover();
    await at.page.mouse.down();
    const strip = at.page.getByTestId('voice-strip');
    await sounds(strip, 'running');
    await strip.getByRole('timer').filter({ hasText: /0:0[1-9]|0:[1-5]/ }).waitFor();
    await at.page.mouse.up();
    await sounds(strip, 'review');
    await at.button('media.discard').click();
    await strip.waitFor({ state: 'detached' });
    await at.hasFocus(mic);
  });

  play('what is pressed right after the microphone was let go of is heard', async (scene) => {
    const ann = await scene.person('ann');
    const at = await scene.inRoom(ann, await ann.createRoom('Quick'), MAY);
    await at.page.getByTestId('mic').hover();
    await at.page.mouse.down();
    const strip = at.page.getByTestId('voice-strip');
    await sounds(strip, 'running');
    // In one task: no clock of the page gets a word in.
    await at.button('media.discard').evaluate((button) => {
      window.dispatchEvent(new PointerEvent('pointerup'));
      button.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
      button.click();
    });
    await strip.waitFor({ state: 'detached' });
  });

  play('a face is seen, recorded, looked at and sent', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Faces');
    await ben.join(room);
    const at = await scene.inRoom(ann, room, MAY);
    const there = await scene.inRoom(ben, room);
    await at.button('media.videoMessage').click();
    const recorder = at.page.getByTestId('video-recorder');
    await sounds(recorder, 'ready');
    await assertAccessible(at.page, 'a face before it is recorded');
    await at.page.getByTestId('begin').click();
    await recorder.getByRole('timer').filter({ hasText: /0:0[2-9]|0:[1-5]/ }).waitFor();
    await at.press('Escape');
    await sounds(recorder, 'running');
    await at.page.getByTestId('stop').click();
    await at.page.getByTestId('video-review').waitFor();
    await assertAccessible(at.page, 'a face before it is sent');
    await at.page.getByTestId('send-video').click();
    await recorder.waitFor({ state: 'detached' });

    const seen = there.page.getByTestId('video');
    await eventually(async () => assert.ok(await isBright(seen.locator('img')), 'its picture shows what the camera saw'));
    await seen.getByRole('button').click();
    await eventually(async () => {
      const [width, at] = await seen.locator('video').evaluate((video) => [video.videoWidth, video.currentTime]);
      assert.ok(width > 0 && at > 0, 'it plays');
    });
    const [message] = (await ben.history(room)).filter(({ type }) => type === 'video');
    const [film] = message.attachments;
    assert.equal(film.category, 'video');
    assert.ok(film.duration > 1 && film.duration < 60, `it is ${film.duration} s long`);
    assert.ok(film.thumbs.length > 0, 'it has a picture');

    // Among the files it is what it is in the room, and plays there.
    await there.button('rooms.files').click();
    const listed = there.page.getByTestId('listed-file').filter({ hasText: there.say('media.videoMessage') });
    await listed.locator('[aria-expanded]').click();
    await eventually(async () => {
      const at = await listed.locator('video').evaluate((video) => video.currentTime);
      assert.ok(at > 0, 'it plays in the list');
    });
    await assertAccessible(there.page, 'a face among files');
  });

  play('who may not use the microphone is told so, and what to do', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Refused');
    const at = await scene.inRoom(ann, room, { locale: 'zh-Hans', colorScheme: 'dark' });
    await at.page.getByTestId('mic').click();
    await at.page.getByRole('alert').filter({ hasText: at.say('media.fault.denied.deed') }).waitFor();
    await assertAccessible(at.page, 'without a microphone');
    await at.button('ui.close').click();
    await at.page.getByTestId('voice-strip').waitFor({ state: 'detached' });
    await at.hasFocus(at.page.getByTestId('mic'));
    await at.button('media.videoMessage').click();
    await at.page.getByRole('dialog').getByRole('alert').filter({ hasText: at.say('media.fault.denied.deed') }).waitFor();
    await at.button('ui.cancel').last().click();
    await at.page.getByRole('dialog').waitFor({ state: 'detached' });
  });
});

suite('media over plain http', { host: ELSEWHERE }, (play) => {
  play('a page that is not secure says what records', async (scene) => {
    scene.expect(/Cross-Origin-Opener-Policy/);
    const at = await scene.visitor({ ...PHONE, colorScheme: 'dark' });
    await at.page.goto('/register');
    await at.field('auth.username').fill('neighbour');
    await at.field('auth.email').fill('neighbour@example.com');
    await at.field('auth.password').fill(PASSWORD);
    await at.button('auth.register.submit').click();
    await at.room('Lobby').tap();
    await at.page.getByTestId('mic').tap();
    await at.page.getByRole('alert').filter({ hasText: at.say('media.fault.insecure.what') }).waitFor();
    await assertAccessible(at.page, 'a page that is not secure');
    await at.button('ui.close').tap();
    await at.page.getByTestId('voice-strip').waitFor({ state: 'detached' });
  });
});
