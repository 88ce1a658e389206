/** Small things that are in the way every day: what is offered, what is asked before, and where it stands. */
import assert from 'node:assert/strict';
import { eventually, suite } from '../harness/suite.mjs';

suite('habits', {}, (play) => {
  play('taking back is offered where it is granted, by the bar, the menu and the key', async (scene) => {
    const [owner, ann, ben] = [await scene.person('owner'), await scene.person('ann'), await scene.person('ben')];
    const room = await owner.createRoom('Ranks');
    await ann.join(room);
    await ben.join(room);
    await owner.call('PUT', `/api/rooms/${room.id}/members/${ann.id}`, { role: 'admin' });
    await owner.say(room, 'word of the owner');
    await ben.say(room, 'word of a member');
    const at = await scene.inRoom(ann, room);
    await at.sees('word of a member');

    await at.message('word of a member').hover();
    const bar = at.page.getByRole('toolbar', { name: at.say('timeline.tools') });
    await bar.getByRole('button', { name: at.say('timeline.recall') }).waitFor();
    await at.message('word of the owner').hover();
    await at.message('word of the owner').getByRole('toolbar').waitFor();
    assert.equal(await bar.getByRole('button', { name: at.say('timeline.recall') }).count(), 0);
    await bar.getByRole('button', { name: at.say('timeline.more') }).click();
    await at.page.getByRole('menuitem', { name: at.say('timeline.copy') }).waitFor();
    assert.equal(await at.page.getByRole('menuitem', { name: at.say('timeline.recall') }).count(), 0);
    await at.dismiss();

    await at.composer.focus();
    await at.tabTo(at.message('word of the owner'), { back: true });
    await at.press('Delete');
    await at.press('ArrowDown');
    await at.press('Delete');
    await at.dialog('timeline.recallTitle').waitFor();
    await at.page.getByRole('dialog').getByRole('button', { name: at.say('timeline.recall') }).click();
    await at.text('timeline.recalled').first().waitFor();
    await eventually(async () => assert.equal(await at.message('word of a member').count(), 0));
    await at.seesOnce('word of the owner');
  });
});
