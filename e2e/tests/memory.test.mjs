/** A page that is open for days: what was left is let go of. Counted, not timed. */
import assert from 'node:assert/strict';
import { suite } from '../harness/suite.mjs';

const ROUND = 4;
/** How often something is left before and between the two countings. */
const TIMES = 12;
/** Less than one room is made of; a little, for what is open now may be another than before. */
const MORE_NODES = 100;
const MORE_LISTENERS = 20;

/** What the page is made of once nobody can reach the rest. */
async function counter(client) {
  const devtools = await client.context.newCDPSession(client.page);
  await devtools.send('Performance.enable');
  await devtools.send('HeapProfiler.enable');
  return async () => {
    // What a node lets go of may be the last to hold another.
    for (let time = 0; time < 3; time += 1) await devtools.send('HeapProfiler.collectGarbage');
    const { metrics } = await devtools.send('Performance.getMetrics');
    const told = (wanted) => metrics.find(({ name }) => name === wanted).value;
    return { nodes: told('Nodes'), listeners: told('JSEventListeners') };
  };
}

/** Every transition is cut short by who leaves: by itself none ends before. */
const slow = (client) =>
  client.page.evaluate(() => {
    for (const name of ['--fast', '--menu', '--slide']) document.documentElement.style.setProperty(name, '60s');
  });

async function staysSmall(client, leave) {
  const count = await counter(client);
  for (let time = 0; time < TIMES; time += 1) await leave(time);
  const before = await count();
  for (let time = 0; time < TIMES; time += 1) await leave(time);
  const after = await count();
  const told = `${TIMES} times more: ${JSON.stringify(before)}, then ${JSON.stringify(after)}`;
  assert.ok(after.nodes - before.nodes < MORE_NODES, told);
  assert.ok(after.listeners - before.listeners < MORE_LISTENERS, told);
}

suite('memory', {}, (play) => {
  const start = async (scene) => {
    const ann = await scene.person('ann');
    const rooms = [];
    while (rooms.length < ROUND) rooms.push(await ann.createRoom(`Left ${rooms.length}`));
    for (const room of rooms) await ann.sayAll(room, [`said in ${room.name}`, 'and more', 'and more']);
    const at = await scene.inRoom(ann, rooms[0]);
    // What is loaded later brings listeners of its own.
    await at.press('Control+/');
    await at.dismiss();
    await slow(at);
    return { at, rooms };
  };

  play('a room that was left is let go of', async (scene) => {
    const { at, rooms } = await start(scene);
    await staysSmall(at, async (time) => {
      const room = rooms[(time + 1) % ROUND];
      await at.composer.click();
      await at.room(room.name).click();
      await at.sees(`said in ${room.name}`);
    });
  });

  play('what the page is furnished with comes once, however often it waits for a history', async (scene) => {
    const { at, rooms } = await start(scene);
    const tips = at.page.locator('.ui-tip');
    await tips.waitFor({ state: 'attached' });
    const count = await counter(at);
    const { listeners } = await count();
    for (const room of rooms.slice(1)) {
      await at.room(room.name).click();
      await at.sees(`said in ${room.name}`);
      await at.page.evaluate(() => new Promise((rested) => requestIdleCallback(() => requestIdleCallback(rested))));
    }
    assert.equal(await tips.count(), 1, 'one tip for the whole page');
    const more = (await count()).listeners - listeners;
    assert.ok(more < MORE_LISTENERS, `${more} more listeners`);
  });

  play('a dialog and a menu that were closed are let go of', async (scene) => {
    const { at, rooms } = await start(scene);
    await staysSmall(at, async () => {
      await at.press('Control+/');
      await at.dismiss();
      await at.tool(`said in ${rooms[0].name}`, 'timeline.more');
      await at.dismiss();
    });
  });
});
