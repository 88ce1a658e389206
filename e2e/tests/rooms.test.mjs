/** Rooms come and go: made, found, entered, changed, left, deleted; people are seated and removed. */
import assert from 'node:assert/strict';
import { eventually, suite } from '../harness/suite.mjs';

suite('rooms', {}, (play) => {
  play('an address that names no room says so, and the server is not asked about it', async (scene) => {
    const at = await scene.client(await scene.person('ann'));
    const asked = [];
    at.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await at.page.goto('/r/general');
    await at.page.getByText(at.say('app.roomGone')).waitFor();
    assert.deepEqual(asked.filter((path) => path.startsWith('/api/rooms/')), []);
  });

  play('a room is made, found by another, entered and talked in', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const [at, bt] = [await scene.client(ann), await scene.client(ben)];
    await Promise.all([at.page.goto('/'), bt.page.goto('/')]);
    await at.composer.waitFor();
    await at.button('rooms.create').first().click();
    const dialog = at.page.getByRole('dialog');
    await dialog.getByRole('button', { name: at.say('rooms.create') }).click();
    await dialog.getByText(at.like('roomDialogs.nameMissing')).waitFor();
    await dialog.getByLabel(at.say('roomDialogs.name'), { exact: true }).fill('Reading circle');
    await dialog.getByLabel(at.say('roomDialogs.purpose'), { exact: true }).fill('One book a month');
    await dialog.getByRole('button', { name: at.say('rooms.create') }).click();
    await at.page.getByRole('heading', { level: 1, name: 'Reading circle' }).waitFor();
    await at.post('First book: Moby-Dick');

    await bt.button('app.browse').first().click();
    const browse = bt.page.getByRole('dialog');
    await browse.getByRole('searchbox').fill('reading');
    await browse.getByText('One book a month').waitFor();
    await browse.getByRole('button', { name: bt.like('roomDialogs.joinNamed', { room: 'Reading circle' }) }).click();
    await bt.page.getByRole('heading', { level: 1, name: 'Reading circle' }).waitFor();
    await bt.seesOnce('First book: Moby-Dick');
    await bt.post('Call me Ishmael');
    await at.sees('Call me Ishmael');
    await at.page.locator('.tl-system').filter({ hasText: ben.username }).waitFor();
  });

  play('a public room can be looked at before joining', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Shop window');
    await ann.say(room, 'everybody may read this');
    const bt = await scene.inRoom(ben, room);
    await bt.sees('everybody may read this');
    assert.equal(await bt.composer.count(), 0, 'one cannot write where one is not');
    await bt.button('roomDialogs.join').click();
    await bt.composer.waitFor();
    await bt.post('now I am in');
  });

  play('a private room does not exist for others', async (scene) => {
    scene.expect(/status of 404/);
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Behind the curtain', { is_private: true });
    await ann.say(room, 'nobody else reads this');
    const bt = await scene.client(ben);
    await bt.page.goto(`/r/${room.id}`);
    await bt.text('app.roomGone').waitFor();
    assert.equal(await bt.page.getByText('nobody else reads this').count(), 0);
    await ann.call('PUT', `/api/rooms/${room.id}/members/${ben.id}`, { role: 'member' });
    await bt.room('Behind the curtain').waitFor();
    await bt.room('Behind the curtain').click();
    await bt.sees('nobody else reads this');
  });

  play('a closed section still shows what is new and where one is', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const [here, quiet, busy] = [await ann.createRoom('Here'), await ann.createRoom('Quiet'), await ann.createRoom('Busy')];
    await ben.join(busy);
    const at = await scene.inRoom(ann, here);
    await at.room('Quiet').waitFor();
    await at.button('rooms.rooms').click();
    await at.room('Quiet').waitFor({ state: 'detached' });
    await at.room('Here').waitFor();
    await at.room('Busy').waitFor({ state: 'detached' });
    await ben.say(busy, 'over here');
    await at.room('Busy').waitFor();
    await at.page.reload();
    await at.room('Busy').waitFor();
    assert.equal(await at.room('Quiet').count(), 0, 'it stays closed on this device');
    await at.button('rooms.rooms').click();
    await at.room(quiet.name).waitFor();
  });

  play('details change for everybody at once', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Old name');
    await ben.join(room);
    const [at, bt] = await Promise.all([scene.inRoom(ann, room), scene.inRoom(ben, room)]);
    await at.page.getByRole('main').getByRole('button', { name: at.like('rooms.details') }).first().click();
    const panel = at.page.getByRole('complementary');
    await panel.getByRole('button', { name: at.say('rooms.editRoom') }).click();
    await panel.getByLabel(at.say('roomDialogs.name'), { exact: true }).fill('New name');
    await panel.getByLabel(at.say('roomDialogs.purpose'), { exact: true }).fill('Better than before');
    await panel.getByRole('button', { name: at.say('roomDialogs.save') }).click();
    for (const client of [at, bt]) {
      await client.page.getByRole('heading', { level: 1, name: 'New name' }).waitFor();
      await client.room('New name').waitFor();
    }
    await bt.page.getByText('Better than before').first().waitFor();
    await bt.page.locator('.tl-system').filter({ hasText: `${ann.username} renamed this room to New name` }).waitFor();
    await bt.room('Old name').waitFor({ state: 'detached' });
    await bt.page.getByRole('main').getByRole('button', { name: bt.like('rooms.details') }).first().click();
    await bt.button('roomDialogs.leave').waitFor();
    assert.equal(await bt.button('rooms.editRoom').count(), 0, 'a member is not offered what they may not do');
  });

  play('leaving takes the room off the list; the last owner is told why not', async (scene) => {
    scene.expect(/status of (403|409|422)/);
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Revolving door');
    await ben.join(room);
    const [at, bt] = await Promise.all([scene.inRoom(ann, room), scene.inRoom(ben, room)]);
    for (const client of [bt, at]) {
      await client.page.getByRole('main').getByRole('button', { name: client.like('rooms.details') }).first().click();
      await client.button('roomDialogs.leave').click();
      await client.page.getByRole('dialog').getByRole('button', { name: client.say('roomDialogs.leave') }).click();
      if (client === bt) {
        await client.room('Revolving door').waitFor({ state: 'detached' });
        await at.page.locator('.tl-system').filter({ hasText: `${ben.username} left` }).waitFor();
      }
    }
    // Alone in it, the owner may go too: nobody is left to look after.
    await at.room('Revolving door').waitFor({ state: 'detached' });
  });

  play('a room of more people than one page is read to its last member, and all of them can be mentioned', async (scene) => {
    const host = await scene.person('host');
    const room = await host.createRoom('Crowd');
    const crowd = await scene.crowd(room, 119);
    const at = await scene.client(host);
    await at.page.goto(`/r/${room.id}?panel=members`);
    const members = at.page.getByTestId('member');
    await members.first().waitFor();
    // Who is here comes first, and the numbers are the server's, not those of a page.
    const groups = at.page.getByRole('heading', { level: 3 });
    await groups.filter({ hasText: at.like('members.group', { presence: 'online', count: 1 }) }).waitFor();
    await groups.filter({ hasText: at.like('members.group', { presence: 'other', count: 119 }) }).waitFor();
    await members.first().filter({ hasText: host.username }).waitFor();
    const names = new Set();
    let most = 0;
    await eventually(async () => {
      const drawn = await members.locator('b').allTextContents();
      most = Math.max(most, drawn.length);
      for (const name of drawn) names.add(name);
      // Once more from above where it went by what was not drawn yet.
      await at.page.locator('.mp-scroll').evaluate((list) => {
        const before = list.scrollTop;
        list.scrollBy(0, 300);
        if (list.scrollTop === before) list.scrollTo(0, 0);
      });
      assert.equal(names.size, 120, 'everybody, and nobody twice');
    });
    assert.ok(most < 60, `${most} of them are in the page at a time`);
    const last = crowd.at(-1).username;
    await at.field('members.find').fill(last);
    await eventually(async () => assert.deepEqual(await members.locator('b').allTextContents(), [last]));
    // Somebody comes: the number, and the person, at the top.
    const other = await scene.inRoom(crowd[50], room);
    await other.composer.waitFor();
    await at.page.reload();
    await groups.filter({ hasText: at.like('members.group', { presence: 'online', count: 2 }) }).waitFor();
    await eventually(async () => {
      const first = await members.locator('b').allTextContents();
      assert.ok(first.slice(0, 2).some((name) => name.includes(crowd[50].username)), `${first.slice(0, 3)}`);
    });
    await at.openRoom(room);
    const { username } = crowd.at(-1);
    await at.composer.pressSequentially(`@${username}`);
    await at.page.getByRole('option', { name: username }).waitFor();
    await at.press('Enter');
    await at.hasCode('unsent-mentions');
    // Some of the crowd's names may be asked for right then.
    scene.expect(/ERR_INTERNET_DISCONNECTED/);
    await at.context.setOffline(true);
    await at.composer.press('Enter');
    await at.message(username).locator('.md-mention').waitFor();
    await at.context.setOffline(false);
  });

  play('the last owner cannot leave the others behind, and is told so', async (scene) => {
    scene.expect(/status of (403|409|422)/);
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Captain stays');
    await ben.join(room);
    const at = await scene.inRoom(ann, room);
    await at.page.getByRole('main').getByRole('button', { name: at.like('rooms.details') }).first().click();
    await at.button('roomDialogs.leave').click();
    await at.page.getByRole('dialog').getByRole('button', { name: at.say('roomDialogs.leave') }).click();
    await at.page.locator('.ui-toast').filter({ hasText: /owner/i }).waitFor();
    await at.room('Captain stays').waitFor();
  });

  play('a deleted room is gone for everybody, also for who looks at it', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Short-lived');
    await ben.join(room);
    const [at, bt] = await Promise.all([scene.inRoom(ann, room), scene.inRoom(ben, room)]);
    scene.expect(/status of 404/);
    await at.page.getByRole('main').getByRole('button', { name: at.like('rooms.details') }).first().click();
    await at.button('roomDialogs.deleteRoom').click();
    await at.page.getByRole('dialog').getByRole('button', { name: at.say('roomDialogs.deleteRoom') }).click();
    for (const client of [at, bt]) await client.room('Short-lived').waitFor({ state: 'detached' });
    await eventually(async () => assert.equal(await bt.composer.isVisible() && (await bt.heading.textContent()) === 'Short-lived', false));
  });

  play('a removed person loses the room at once and hears nothing later', async (scene) => {
    scene.expect(/status of 404/);
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Strict house', { is_private: true });
    await ann.call('PUT', `/api/rooms/${room.id}/members/${ben.id}`, { role: 'member' });
    const [at, bt] = await Promise.all([scene.inRoom(ann, room), scene.inRoom(ben, room)]);
    await bt.post('was I too loud?');
    await at.sees('was I too loud?');
    await at.button('rooms.membersButton').click();
    await at.button('members.actions', { name: ben.username }).click();
    await at.page.getByRole('menuitem', { name: at.say('members.kick') }).click();
    await at.page.getByRole('dialog').getByRole('button', { name: at.say('members.kickConfirm'), exact: true }).click();
    await at.page.getByTestId('member').filter({ hasText: ben.username }).waitFor({ state: 'detached' });
    await bt.room('Strict house').waitFor({ state: 'detached' });
    await ann.say(room, 'now that we are alone');
    const open = await ann.createRoom('After that');
    await ben.join(open);
    await bt.room('After that').waitFor();
    assert.equal(await bt.page.getByText('now that we are alone').count(), 0);
  });

  play('an owner seats people and gives roles from the panel', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Seats', { is_private: true });
    const [at, bt] = [await scene.inRoom(ann, room), await scene.client(ben)];
    await bt.page.goto('/');
    await bt.composer.waitFor();
    await at.button('rooms.membersButton').click();
    await at.page.getByRole('complementary').getByRole('button', { name: at.say('members.add') }).click();
    const dialog = at.page.getByRole('dialog');
    await dialog.getByRole('combobox').fill(ben.username);
    await dialog.getByRole('option').filter({ hasText: `@${ben.username}` }).click();
    await dialog.getByRole('button', { name: at.like('roomDialogs.peopleAdd') }).click();
    await dialog.waitFor({ state: 'detached' });
    await bt.room('Seats').waitFor();
    const seat = at.page.getByTestId('member').filter({ hasText: ben.username });
    await seat.waitFor();
    await at.button('members.actions', { name: ben.username }).click();
    await at.page.getByRole('menuitem', { name: at.say('members.make.admin') }).click();
    await seat.getByText(at.say('members.role.admin')).waitFor();
    await bt.room('Seats').click();
    await bt.page.getByRole('main').getByRole('button', { name: bt.like('rooms.details') }).first().click();
    await bt.button('rooms.editRoom').waitFor();
  });

  play('several people are added in one go; who could not be stays, with the reason', async (scene) => {
    scene.expect(/status of 404/);
    // The first account of a server owns its first room and cannot go: that is never the one who does.
    const ann = await scene.person('ann');
    const [ben, cyd, dee] = [await scene.person('ben'), await scene.person('cyd'), await scene.person('dee')];
    const room = await ann.createRoom('Long table', { is_private: true });
    await ann.call('PUT', `/api/rooms/${room.id}/members/${dee.id}`, { role: 'admin' });
    const at = await scene.client(ann);
    await at.page.goto(`/r/${room.id}?panel=members`);
    await at.page.getByTestId('member').first().waitFor();
    await at.page.getByRole('complementary').getByRole('button', { name: at.say('members.add') }).click();
    const dialog = at.page.getByRole('dialog');
    const field = dialog.getByRole('combobox');
    const option = (person) => dialog.getByRole('option').filter({ hasText: `@${person.username}` });
    const chips = dialog.getByRole('list', { name: at.say('roomDialogs.peopleChosenLabel') }).getByRole('listitem');
    const add = dialog.getByRole('button', { name: at.like('roomDialogs.peopleAdd') });
    // Enter at once: it means who the words mean, not who stood there for fewer letters.
    const pick = async (person) => {
      await field.fill(person.username);
      await field.press('Enter');
      await chips.filter({ hasText: person.username }).waitFor();
    };

    // Who is here already is shown as such, and neither key nor pointer takes them.
    await field.fill(dee.username);
    await field.press('Enter');
    await option(ben).waitFor({ state: 'detached' });
    await option(dee).getByText(at.say('roomDialogs.peopleHere')).waitFor();
    await field.press('Enter');
    await option(dee).click({ force: true });
    assert.equal(await chips.count(), 0);

    for (const person of [ben, cyd]) await pick(person);
    await field.press('Backspace');
    await chips.filter({ hasText: cyd.username }).waitFor({ state: 'detached' });
    await pick(cyd);
    assert.equal(await chips.count(), 2);

    // One of the two deletes their account before the button is pressed.
    await cyd.call('DELETE', `/api/users/${cyd.id}`);
    assert.match(await add.textContent(), /2/);
    await add.click();
    await dialog.getByRole('alert').filter({ hasText: at.like('roomDialogs.peopleNotAdded', { name: cyd.username }) }).waitFor();
    await eventually(async () => {
      const [left, ...others] = await chips.allTextContents();
      assert.ok(left.includes(cyd.username) && others.length === 0, 'who was added goes, who was not stays');
    });
    const seats = await ann.call('GET', `/api/rooms/${room.id}/members`);
    const roles = Object.fromEntries(seats.map(({ user, role }) => [user.id, role]));
    assert.deepEqual(roles, { [ann.id]: 'owner', [dee.id]: 'admin', [ben.id]: 'member' });

    await dialog.getByRole('button', { name: at.like('roomDialogs.peopleLeaveOut', { name: cyd.username }) }).click();
    await chips.waitFor({ state: 'detached' });
    assert.equal(await add.getAttribute('aria-disabled'), 'true');
    await at.dismiss();
    await at.page.getByTestId('member').filter({ hasText: ben.username }).waitFor();
  });

  play('a room that could not be looked at is looked at again when one asks', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Behind the fog');
    await ann.say(room, 'there all the time');
    const at = await scene.client(ben);
    scene.expect(/ERR_FAILED/);
    const fog = (route) => route.abort();
    await at.page.route(`**/api/rooms/${room.id}`, fog);
    await at.page.goto(`/r/${room.id}`);
    await at.button('ui.retry').waitFor();
    // It fails again, and says so again.
    const failed = at.page.waitForEvent('requestfailed', (request) => request.url().endsWith(`/api/rooms/${room.id}`));
    await at.button('ui.retry').click();
    await failed;
    await at.page.unroute(`**/api/rooms/${room.id}`, fog);
    await at.button('ui.retry').click();
    await at.sees('there all the time');
  });

  play('a panel that was closed does not come again by Back', async (scene) => {
    const ann = await scene.person('ann');
    const [first, second] = [await ann.createRoom('First stop'), await ann.createRoom('Second stop')];
    const at = await scene.inRoom(ann, first);
    await at.room('Second stop').click();
    await at.page.getByRole('heading', { level: 1, name: 'Second stop' }).waitFor();
    const panel = at.page.getByRole('complementary', { name: at.like('app.panel.members') });
    const details = at.page.getByRole('complementary', { name: at.like('app.panel.details') });
    await at.button('rooms.membersButton').click();
    await panel.waitFor();
    await at.page.getByRole('main').getByRole('button', { name: at.like('rooms.details') }).first().click();
    await details.waitFor();
    await at.button('app.closePanel').click();
    await details.waitFor({ state: 'detached' });
    assert.equal(new URL(at.page.url()).pathname + new URL(at.page.url()).search, `/r/${second.id}`);
    await at.page.goBack();
    await at.page.getByRole('heading', { level: 1, name: 'First stop' }).waitFor();
    await panel.or(details).waitFor({ state: 'detached' });

    // Come to by its address, there is no step without it to go back to.
    await at.page.goto(`/r/${second.id}?panel=members`);
    await panel.waitFor();
    await at.button('app.closePanel').click();
    await panel.waitFor({ state: 'detached' });
    await at.page.goBack();
    await at.page.getByRole('heading', { level: 1, name: 'First stop' }).waitFor();
    await panel.or(details).waitFor({ state: 'detached' });
  });
});
