/**
 * What the page costs where there is much of everything, each figure beside its bar: `npm run measure:scale`. Not a test, for only a
 * machine with nothing else to do tells the truth; it ends with 1 where a bar is missed. An account in ROOMS rooms, the first of them
 * with MEMBERS members and MESSAGES messages: processor time of a switch of rooms, what many switches and a long read leave behind,
 * frames of scrolling, at rest and at RATE messages a second, and what those cost elsewhere. PROFILE=<file> keeps a processor profile
 * of the switches, to be opened in the browser's tools.
 */
import { writeFile } from 'node:fs/promises';
import { Person } from './harness/api.mjs';
import { servePages } from './harness/dist.mjs';
import { Server } from './harness/server.mjs';
import { launch } from './harness/suite.mjs';

const ROOMS = Number(process.env.ROOMS ?? 500);
const MEMBERS = Number(process.env.MEMBERS ?? 5000);
const MESSAGES = Number(process.env.MESSAGES ?? 50_000);
const SWITCHES = Number(process.env.SWITCHES ?? 150);
const RATE = Number(process.env.RATE ?? 50);
const PAGES = process.env.CHINWAG_WEB_DIST;
const PROFILE = process.env.PROFILE;
const BUSY_MS = 5000;
/** Rooms one goes back and forth between, the big one among them. */
const ROUND = 8;
/** Calls to the server at a time while everything is made; a password is much work for it. */
const WIDTH = 64;
const ACCOUNTS_WIDTH = 4;
/** Two people say everything here, and a fast machine says it faster than even the tests may. */
const UNLIMITED = { LIMITS__FRAMES_PER_SECOND: '1000000', LIMITS__FRAMES_BURST: '1000000' };
const FRAMES = 300;
/** So many frames are asked for their processor time together: to ask is work, too. */
const BURST = 10;
/** Rows of a long read; what is held of it is far less. */
const LONG_READ = 2000;

const SWITCH_MS = 80;
const FRAME_MS = 20;
/** What may stay behind: the browser itself is not steady to the last node. */
const FLAT = 1.05;

const at = (all, part) => [...all].sort((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * part))];
let missed = 0;

/** One line; with a bar, the value is held against it. */
function tell(name, said, value, bar) {
  const over = value > bar;
  if (over) missed += 1;
  const verdict = bar === undefined ? '' : `   ${over ? 'MISSED' : 'kept'}, at most ${Math.round(bar * 10) / 10}`;
  console.log(`${name.padEnd(66)} ${said}${verdict}`);
}

/** Does something for so many numbers, some at a time. */
async function each(count, run, width = WIDTH) {
  let next = 0;
  const worker = async () => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

async function prepare(server) {
  const ann = await Person.register(server, 'ann');
  const ben = await Person.register(server, 'ben');
  const rooms = [];
  await each(ROOMS, async (one) => {
    rooms[one] = await ann.createRoom(`Room ${one}`);
  });
  for (const room of rooms.slice(0, 41)) await ben.join(room);
  // Ann and Ben are members, too.
  await each(MEMBERS - 2, async (one) => (await Person.register(server, `member${one}`)).join(rooms[0]), ACCOUNTS_WIDTH);
  const say = (room, count) => each(count, (one) => (one % 3 ? ben : ann).say(room, `Message ${one} with **some** \`markup\` in it`));
  await say(rooms[0], MESSAGES);
  for (const room of rooms.slice(1, ROUND)) await say(room, 60);
  return { ann, ben, rooms };
}

/** The page as it is driven here, and what the browser counts of it. */
async function open(browser, server, ann, first) {
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
  // Processor time and not time: who else is at work on this machine does not count.
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.goto(`/r/${first.id}`);
  await page.getByTestId('message').last().waitFor();

  const metrics = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  const go = (room) =>
    page.evaluate(async (id) => {
      history.pushState(null, '', `/r/${id}`);
      const there = () => document.querySelector(`.rl-row[data-room="${id}"][aria-current]`) && document.querySelector('[data-testid=message]');
      while (!there()) await new Promise((next) => requestAnimationFrame(next));
      await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    }, room.id);
  /** What is still there once everything unused was thrown away. */
  const kept = async () => {
    // What was thrown away may have held the next.
    for (let round = 0; round < 3; round += 1) await devtools.send('HeapProfiler.collectGarbage');
    const { Nodes, JSEventListeners } = await metrics();
    return { MB: (await heap(devtools)) / 2 ** 20, nodes: Nodes, listeners: JSEventListeners };
  };
  /** Moves the timeline up by so much a frame; gives how long each frame took, and each of a burst on the processor. */
  const scroll = async (step, frames) => {
    const took = [];
    const worked = [];
    while (took.length < frames) {
      const was = (await metrics()).TaskDuration;
      const burst = await page.getByRole('log').evaluate(
        async (list, [step, frames]) => {
          const took = [];
          for (let last = await new Promise(requestAnimationFrame); took.length < frames; ) {
            list.scrollBy(0, -step);
            const now = await new Promise(requestAnimationFrame);
            took.push(now - last);
            last = now;
          }
          return took;
        },
        [step, BURST],
      );
      took.push(...burst);
      worked.push((((await metrics()).TaskDuration - was) * 1000) / BURST);
    }
    return { took, worked };
  };
  return { page, devtools, metrics, go, kept, scroll };
}

/** Bytes of what the page itself has made: without what the engine compiles the longer it runs, and what watching it costs. */
async function heap(devtools) {
  const parts = [];
  const more = ({ chunk }) => parts.push(chunk);
  devtools.on('HeapProfiler.addHeapSnapshotChunk', more);
  await devtools.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  devtools.off('HeapProfiler.addHeapSnapshotChunk', more);
  const { snapshot, nodes } = JSON.parse(parts.join(''));
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [kind, size] = [fields.indexOf('type'), fields.indexOf('self_size')];
  let bytes = 0;
  for (let at = 0; at < nodes.length; at += fields.length) {
    if (!['code', 'native'].includes(types[kind][nodes[at + kind]])) bytes += nodes[at + size];
  }
  return bytes;
}

function tellKept(name, before, after) {
  for (const [unit, value] of Object.entries(after)) {
    const said = `${before[unit].toFixed(unit === 'MB' ? 2 : 0)} before, ${value.toFixed(unit === 'MB' ? 2 : 0)} after`;
    tell(`${name}, ${unit}`, said, value, before[unit] * FLAT);
  }
}

/** On a machine with other work only the processor time is the page's own. */
function tellFrames(name, { took, worked }) {
  for (const [unit, times] of [['ms a frame', took], ['ms of processor a frame', worked]]) {
    const said = `median ${at(times, 0.5).toFixed(1)}, p95 ${at(times, 0.95).toFixed(1)}`;
    tell(`${name}, ${unit}`, said, at(times, 0.95), FRAME_MS);
  }
}

/** Says something RATE times a second until `until` comes true, in these rooms in turn; gives how many it was a second. */
async function busy(person, rooms, until) {
  const began = Date.now();
  let said = 0;
  while (!until()) {
    await Promise.all(Array.from({ length: RATE / 10 }, () => person.say(rooms[said++ % rooms.length], `busy ${said}`)));
    const due = began + (said / RATE) * 1000 - Date.now();
    if (due > 0) await new Promise((later) => setTimeout(later, due));
  }
  return (said / (Date.now() - began)) * 1000;
}

async function switching({ devtools, metrics, go, kept }, circle) {
  // Twice around, so that what is made once is there before anything is compared.
  for (const room of [...circle, ...circle]) await go(room);
  const before = await kept();
  if (PROFILE) {
    await devtools.send('Profiler.enable');
    await devtools.send('Profiler.start');
  }
  const costs = [];
  for (let turn = 0; turn < SWITCHES; turn += 1) {
    const was = (await metrics()).TaskDuration;
    await go(circle[turn % ROUND]);
    costs.push(((await metrics()).TaskDuration - was) * 1000);
  }
  if (PROFILE) await writeFile(PROFILE, JSON.stringify((await devtools.send('Profiler.stop')).profile));
  const median = at(costs, 0.5);
  tell(`switch, ms of processor`, `median ${median.toFixed(0)}, p95 ${at(costs, 0.95).toFixed(0)}`, median, SWITCH_MS);
  tellKept(`${SWITCHES} switches`, before, await kept());
}

async function reading({ page, go, kept, scroll }, big, beside) {
  const readTo = () => page.getByRole('log').evaluate((list) => Number(/Message (\d+)/.exec(list.textContent)?.[1]));
  /** Reads so much further up. Rows that are fetched, drawn and let go of on the way count, too. */
  const read = async () => {
    const frames = { took: [], worked: [] };
    // The first of all were said at a time: which of them stands at the top nobody knows.
    for (const end = (await readTo()) - LONG_READ; frames.took.length < FRAMES || (await readTo()) > Math.max(end, WIDTH); ) {
      const { took, worked } = await scroll(120, FRAMES);
      frames.took.push(...took);
      frames.worked.push(...worked);
    }
    return frames;
  };
  await go(big);
  tellFrames('scrolling up', await read());
  // A room that was read holds more of itself than one that was only opened, whatever else is read of it.
  await go(beside);
  const before = await kept();
  await go(big);
  await read();
  await go(beside);
  tellKept(`${LONG_READ} messages more read`, before, await kept());
}

const server = await Server.start(UNLIMITED);
server.steady = true;
const browser = await launch();
try {
  const began = Date.now();
  const { ann, ben, rooms } = await prepare(server);
  const [big, ...others] = rooms;
  console.log(`${ROOMS} rooms, ${MEMBERS} members, ${MESSAGES} messages, made in ${((Date.now() - began) / 1000).toFixed(0)} s`);
  const view = await open(browser, server, ann, big);
  await switching(view, rooms.slice(0, ROUND));
  await reading(view, big, others[0]);

  await view.go(others[0]);
  await view.go(big);
  let scrolled = false;
  const [frames] = await Promise.all([
    view.scroll(40, FRAMES).finally(() => {
      scrolled = true;
    }),
    busy(ben, [big], () => scrolled),
  ]);
  tellFrames(`scrolling at ${RATE} messages a second`, frames);

  await view.go(others[0]);
  for (const [name, where] of [['elsewhere', others.slice(10, 40)], ['in the open room', [others[0]]]]) {
    const was = await view.metrics();
    const began = Date.now();
    const rate = await busy(ben, where, () => Date.now() > began + BUSY_MS);
    const now = await view.metrics();
    const seconds = (Date.now() - began) / 1000;
    const share = (key) => (((now[key] - was[key]) / seconds) * 100).toFixed(0);
    tell(
      `${rate.toFixed(0)} messages a second ${name}`,
      `${share('TaskDuration')} % of a processor (script ${share('ScriptDuration')}, layout ${share('LayoutDuration')}, style ${share('RecalcStyleDuration')})`,
    );
  }
} finally {
  await browser.close();
  await server.remove();
}
if (missed > 0) process.exitCode = 1;
