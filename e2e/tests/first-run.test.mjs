/** From the first start of the server to the first words. */
import assert from 'node:assert/strict';
import { PASSWORD } from '../harness/api.mjs';
import { ELSEWHERE, suite } from '../harness/suite.mjs';

suite('first run', {}, (play) => {
  play('without the set-up link the page says where it is, and an ordinary account need not wait', async (scene) => {
    const guest = await scene.visitor();
    await guest.page.goto('/');
    await guest.page.getByRole('heading', { name: guest.say('auth.welcome.title') }).waitFor();
    await guest.page.getByText('/setup#').waitFor();
    await guest.link('auth.welcome.register').click();
    await guest.field('auth.username').fill('early-bird');
    await guest.field('auth.email').fill('early-bird@example.com');
    await guest.field('auth.password').fill(PASSWORD);
    await guest.button('auth.register.submit').click();
    await guest.composer.waitFor();
    await guest.post('The first words on this server');
    assert.ok(scene.server.setupLink, 'the link still waits for its administrator');
  });

  play('the printed link makes the administrator, once', async (scene) => {
    const link = scene.server.setupLink;
    assert.ok(link, 'the server prints a link while it has no administrator');
    const owner = await scene.visitor();
    await owner.page.goto(link);
    await owner.page.getByRole('heading', { name: owner.say('auth.setup.title') }).waitFor();
    await owner.field('auth.setup.serverName').fill('Paper Mill');
    await owner.field('auth.setup.username').fill('maya');
    await owner.field('auth.email').fill('maya@example.com');
    await owner.field('auth.password').fill(PASSWORD);
    await owner.button('auth.setup.submit').click();
    await owner.composer.waitFor();
    const me = await owner.page.evaluate(() => fetch('/api/auth/userinfo').then((answer) => answer.json()));
    assert.equal(me.data.is_admin, true);
    // The token has left the address.
    await owner.page.waitForURL((url) => !/setup/.test(url.href));
    await owner.page.waitForFunction(() => document.title.endsWith('Paper Mill'));
    const app = await owner.page.evaluate(() => fetch('/manifest.webmanifest').then((answer) => answer.json()));
    assert.equal(app.name, 'Paper Mill', 'what one installs has its name, too');

    const late = await scene.visitor();
    await late.page.goto(link);
    await late.page.getByRole('heading', { name: late.say('auth.setup.doneTitle') }).waitFor();
    await late.link('auth.login.submit').waitFor();
    await late.page.getByText('Paper Mill').first().waitFor();
  });

  play('a form says what is wrong beside the field, and what to do', async (scene) => {
    scene.expect(/status of (401|409|422)/);
    const taken = await scene.person('taken');
    const guest = await scene.visitor();
    await guest.page.goto('/register');
    await guest.button('auth.register.submit').click();
    await guest.text('auth.problem.nameMissing').waitFor();
    await guest.text('auth.problem.emailForm').waitFor();
    await guest.text('auth.problem.passwordShort').waitFor();
    // The first wrong field has the focus.
    await guest.hasFocus(guest.field('auth.username'));

    await guest.field('auth.username').fill(taken.username.toUpperCase());
    await guest.field('auth.email').fill('new@example.com');
    await guest.field('auth.password').fill(PASSWORD);
    await guest.button('auth.register.submit').click();
    await guest.text('auth.problem.nameTaken').waitFor();

    await guest.link('auth.register.toLogin').click();
    await guest.field('auth.login.username').fill(taken.username);
    await guest.field('auth.password').fill('not the password');
    await guest.button('auth.login.submit').click();
    await guest.text('auth.problem.badCredentials').waitFor();
    await guest.field('auth.password').fill(taken.password);
    await guest.button('auth.login.submit').click();
    await guest.composer.waitFor();
  });

  play('the address one came for opens after the login', async (scene) => {
    const person = await scene.person('ida');
    const room = await person.createRoom('Deep link');
    await person.say(room, 'what the link leads to');
    const guest = await scene.visitor();
    await guest.page.goto(`/r/${room.id}`);
    await guest.field('auth.login.username').fill(person.email);
    await guest.field('auth.password').fill(person.password);
    await guest.button('auth.login.submit').click();
    await guest.sees('what the link leads to');
    assert.equal(new URL(guest.page.url()).pathname, `/r/${room.id}`);
  });

  play('closing the account needs its name, and then nobody can log in with it', async (scene) => {
    scene.expect(/status of 401/);
    const person = await scene.person('leaver');
    const client = await scene.client(person);
    await client.page.goto('/settings/account');
    await client.button('settings.account.deactivate').click();
    const dialog = client.page.getByRole('dialog');
    await dialog.getByRole('button', { name: client.say('settings.account.deactivate') }).click();
    await dialog.getByText(client.like('settings.account.nameMismatch')).waitFor();
    await dialog.getByRole('textbox').fill(person.username);
    await dialog.getByRole('button', { name: client.say('settings.account.deactivate') }).click();
    await client.field('auth.login.username').waitFor();
    const answer = await client.context.request.post('/api/auth/login', {
      data: { username: person.username, password: person.password },
    });
    assert.equal(answer.status(), 401);
  });
});

suite('closed registration', { settings: { REGISTRATION: 'closed' } }, (play) => {
  play('the page says who gives out accounts', async (scene) => {
    const guest = await scene.visitor();
    await guest.page.goto('/register');
    await guest.page.getByRole('heading', { name: guest.say('auth.register.closedTitle') }).first().waitFor();
    await guest.link('auth.register.toLogin').waitFor();
    assert.equal(await guest.button('auth.register.submit').count(), 0);
  });
});

suite('plain HTTP from another machine', { host: ELSEWHERE }, (play) => {
  play('all that browsers keep from such pages is done without', async (scene) => {
    scene.expect(/Cross-Origin-Opener-Policy/);
    const guest = await scene.visitor();
    await guest.page.goto('/register');
    assert.equal(await guest.page.evaluate(() => isSecureContext), false);
    await guest.field('auth.username').fill('neighbour');
    await guest.field('auth.email').fill('neighbour@example.com');
    await guest.field('auth.password').fill(PASSWORD);
    await guest.button('auth.register.submit').click();
    await guest.composer.waitFor();
    await guest.post('Over the garden fence');
    await guest.stored('Over the garden fence').press('c');
    await guest.text('timeline.copied').waitFor();
    await guest.composer.focus();
    await guest.page.keyboard.press('Control+V');
    await guest.hasDraft('Over the garden fence');
  });
});
