/**
 * What the page costs where there is much of everything: `npm run measure:scale`. Not a test; nothing passes or fails. An account in
 * ROOMS rooms, one of them with MESSAGES messages: processor time of a switch of rooms, frames of scrolling, memory over many switches,
 * and what messages elsewhere cost, at RATE a second.
 */
import { Person } from './harness/api.mjs';
import { servePages } from './harness/dist.mjs';
import { Server } from './harness/server.mjs';
import { launch } from './harness/suite.mjs';

const ROOMS = Number(process.env.ROOMS ?? 500);
const MESSAGES = Number(process.env.MESSAGES ?? 5000);
const SWITCHES = Number(process.env.SWITCHES ?? 150);
const RATE = Number(process.env.RATE ?? 50);
const BUSY_S = 5;
/** Rooms one goes back and forth between. */
const ROUND = 8;
const PAGES = process.env.CHINWAG_WEB_DIST;

const sorted = (all) => [...all].sort((a, b) => a - b);
const at = (all, part) => sorted(all)[Math.min(all.length - 1, Math.floor(all.length * part))];
const tell = (name, value) => console.log(`${name.padEnd(46)} ${value}`);

const server = await Server.start({}, 'localhost');
const browser = await launch();
try {
  const ann = await Person.register(server, 'ann');
  const ben = await Person.register(server, 'ben');
  const rooms = [];
  for (let made = 0; made < ROOMS; made += 10) {
    rooms.push(...(await Promise.all(Array.from({ length: 10 }, (_, one) => ann.createRoom(`Room ${made + one}`)))));
  }
  const [big, ...others] = rooms;
  for (const room of [big, ...others.slice(0, 40)]) await ben.join(room);
  await ben.sayMany(big, Array.from({ length: MESSAGES }, (_, one) => `Message ${one} with **some** \`markup\` in it`));
  for (const room of others.slice(0, ROUND)) await ben.sayMany(room, Array.from({ length: 60 }, (_, one) => `Said ${one}`));

  const known = { origin: server.origin, localStorage: [{ name: 'chinwag.session', value: 'yes' }] };
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    serviceWorkers: 'block',
    storageState: { cookies: [], origins: [known] },
    baseURL: server.origin,
  });
  if (PAGES) await servePages(context, server, PAGES);
  await context.request.post('/api/auth/login', {
    headers: { origin: server.origin },
    data: { username: ann.username, password: ann.password },
  });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Performance.enable');
  const metrics = async () => Object.fromEntries((await devtools.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]));
  await page.goto(`/r/${big.id}`);
  await page.getByTestId('message').last().waitFor();

  const go = (room) =>
    page.evaluate(async (id) => {
      history.pushState(null, '', `/r/${id}`);
      const there = () => document.querySelector(`.rl-row[data-room="${id}"][aria-current]`) && document.querySelector('[data-testid=message]');
      while (!there()) await new Promise((next) => requestAnimationFrame(next));
      await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    }, room.id);
  const heap = async () => {
    await devtools.send('HeapProfiler.collectGarbage');
    return (await metrics()).JSHeapUsedSize / 2 ** 20;
  };
  const circle = others.slice(0, ROUND);
  for (const room of circle) await go(room);
  const costs = [];
  const before = await heap();
  for (let turn = 0; turn < SWITCHES; turn += 1) {
    const was = (await metrics()).TaskDuration;
    await go(circle[turn % ROUND]);
    costs.push(((await metrics()).TaskDuration - was) * 1000);
  }
  tell(`switch of ${ROOMS} rooms, ms of processor`, `median ${at(costs, 0.5).toFixed(0)}, p95 ${at(costs, 0.95).toFixed(0)}`);
  tell(`memory over ${SWITCHES} switches, MB`, `${before.toFixed(1)} before, ${(await heap()).toFixed(1)} after`);

  await go(big);
  const frames = await page.getByRole('log').evaluate(async (list) => {
    const took = [];
    for (let last = await new Promise(requestAnimationFrame), step = 0; step < 300; step += 1) {
      list.scrollBy(0, -120);
      const now = await new Promise(requestAnimationFrame);
      took.push(now - last);
      last = now;
    }
    return took;
  });
  tell('scrolling up, ms a frame', `median ${at(frames, 0.5).toFixed(1)}, p95 ${at(frames, 0.95).toFixed(1)}`);

  await go(circle[0]);
  for (const [name, where] of [['elsewhere', others.slice(10, 40)], ['in the open room', [circle[0]]]]) {
    const was = await metrics();
    const began = Date.now();
    let said = 0;
    while (Date.now() - began < BUSY_S * 1000) {
      await Promise.all(Array.from({ length: Math.max(1, RATE / 10) }, () => ben.say(where[said++ % where.length], `busy ${said}`)));
      const due = began + (said / RATE) * 1000 - Date.now();
      if (due > 0) await new Promise((later) => setTimeout(later, due));
    }
    const now = await metrics();
    const seconds = (Date.now() - began) / 1000;
    const share = (key) => (((now[key] - was[key]) / seconds) * 100).toFixed(0);
    tell(`${(said / seconds).toFixed(0)} messages a second ${name}`, `${share('TaskDuration')} % of a processor (script ${share('ScriptDuration')}, layout ${share('LayoutDuration')}, style ${share('RecalcStyleDuration')})`);
  }
} finally {
  await browser.close();
  await server.remove();
}
