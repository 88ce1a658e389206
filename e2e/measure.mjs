/**
 * How long a person waits for the page, each figure beside its bar: `npm run measure`. Not a test, for only a machine with nothing else
 * to do tells the truth; it ends with 1 where a bar is missed. The pages come from CHINWAG_WEB_DIST where that is set, by the same
 * line. Of RUNS visits, in milliseconds, the least and the median: the first paint (the skeleton), the first words or pictures, the room
 * with its newest message (or the form to log in), and what the line carried until then. The bars hold for the median.
 */
import { Person } from './harness/api.mjs';
import { Server } from './harness/server.mjs';
import { launch } from './harness/suite.mjs';

const ROOMS = Number(process.env.ROOMS ?? 303);
const RUNS = Number(process.env.RUNS ?? 5);
const PATIENCE_MS = 120_000;
const PAGES = process.env.CHINWAG_WEB_DIST;
const kilobits = (n) => (n * 1000) / 8;
const SCENES = [
  { name: 'desktop', cpu: 1, bars: { cold: 700, warm: 400 } },
  { name: '4x CPU, 4 Mbit, 75 ms', cpu: 4, latency: 75, down: kilobits(4000), up: kilobits(1000), bars: { cold: 2000 } },
  { name: 'slow 3G', cpu: 1, latency: 2000, down: kilobits(400), up: kilobits(400) },
];

const median = (all) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)];

async function prepare(server) {
  const ann = await Person.register(server, 'ann');
  const rooms = [];
  for (let at = 0; at < ROOMS; at += 1) rooms.push(await ann.createRoom(`Room ${at} of many`, { description: `What belongs into room ${at}` }));
  for (const room of rooms.slice(0, 60)) await ann.say(room, `Said in room ${room.id}, so that the list has something to show.`);
  const [room] = rooms;
  for (let at = 0; at < 80; at += 1) await ann.say(room, `Message ${at} with **some** \`markup\` in it`);
  await ann.say(room, 'the newest message');
  return { ann, room };
}

/** Opens the page and waits until the wanted thing stands there; times are those of the page. */
async function visit(context, scene, address, wanted) {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  let bytes = 0;
  let requests = 0;
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
    requests += 1;
  });
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: scene.cpu });
  if (scene.latency) {
    await devtools.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: scene.latency,
      downloadThroughput: scene.down,
      uploadThroughput: scene.up,
    });
  }
  await page.goto(address, { waitUntil: 'commit' });
  const stands = await page.waitForFunction(wanted, undefined, { polling: 'raf' });
  const ready = await stands.jsonValue();
  const [kilobytes, asked] = [bytes / 1024, requests];
  // The browser tells of a paint only once it stands on the screen, which may be after this.
  const [paint, words] = await page.evaluate(() => {
    const of = (name) => performance.getEntriesByName(name)[0]?.startTime;
    return new Promise((done) => {
      const look = () => of('first-contentful-paint') !== undefined && done([of('first-paint'), of('first-contentful-paint')]);
      new PerformanceObserver(look).observe({ type: 'paint', buffered: true });
    });
  });
  const told = { paint, words, ready, kilobytes, requests: asked };
  // What is kept for the next visit is written a moment later.
  await page.waitForTimeout(2500);
  await page.close();
  return told;
}

/** By the clock of the page: what asks is not waited for. */
const inRoom = () => document.querySelector('[role=log]')?.textContent.includes('the newest message') && performance.now();
const atTheDoor = () => document.querySelector('input[type=password]') && performance.now();

const server = await Server.start({}, 'localhost', PAGES && { pages: PAGES });
const browser = await launch();
try {
  const { ann, room } = await prepare(server);
  for (const scene of SCENES) {
    const rows = { 'login, cold': [], 'room, cold': [], 'room, warm': [] };
    for (let run = 0; run < RUNS; run += 1) {
      const nobody = await browser.newContext();
      rows['login, cold'].push(await visit(nobody, scene, `${server.origin}/`, atTheDoor));
      await nobody.close();
      const known = { origin: server.origin, localStorage: [{ name: 'chinwag.session', value: 'yes' }] };
      const context = await browser.newContext({ storageState: { cookies: [], origins: [known] } });
      await context.request.post(`${server.origin}/api/auth/login`, {
        headers: { origin: server.origin },
        data: { username: ann.username, password: ann.password },
      });
      for (const name of ['room, cold', 'room, warm']) {
        rows[name].push(await visit(context, scene, `${server.origin}/r/${room.id}`, inRoom));
      }
      await context.close();
    }
    for (const [name, runs] of Object.entries(rows)) {
      const of = (key) => runs.map((run) => run[key]);
      const both = (key) => `${String(Math.round(Math.min(...of(key)))).padStart(6)} ${String(Math.round(median(of(key)))).padStart(6)}`;
      const bar = scene.bars?.[name.split(' ')[1]];
      const over = median(of('ready')) > bar;
      if (over) process.exitCode = 1;
      console.log(
        `${scene.name.padEnd(22)} ${name.padEnd(12)} paint ${both('paint')}  words ${both('words')}  ready ${both('ready')}  ` +
          `${String(Math.round(median(of('kilobytes')))).padStart(4)} KB in ${median(of('requests'))} requests` +
          (bar === undefined ? '' : `   ${over ? 'MISSED' : 'kept'}, at most ${bar}`),
      );
    }
  }
} finally {
  await browser.close();
  await server.remove();
}
