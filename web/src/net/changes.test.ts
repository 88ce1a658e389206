import { beforeEach, describe, expect, test } from 'vitest';
import { ApiError } from './api';
import { edit, recall, settle, Tab } from './queue.setup';

let tab: Tab;
beforeEach(() => {
  tab = new Tab();
});

describe('once and in order', () => {
  test('one after the other, and then nothing is left', async () => {
    tab.add(edit('a', 1));
    tab.add(edit('b', 2));
    expect(tab.taken).toEqual(['a']);
    await settle();
    expect(tab.taken).toEqual(['a', 'b']);
    expect(tab.states()).toEqual({});
    expect(tab.disk.size).toBe(0);
  });

  test('without a connection they wait for it', async () => {
    tab.up = false;
    tab.add(edit('a'));
    await settle();
    expect(tab.taken).toEqual([]);
    tab.up = true;
    tab.queue.flush();
    await settle();
    expect(tab.taken).toEqual(['a']);
  });

  test('the last word about a message is the only one that is told', async () => {
    tab.up = false;
    tab.add(edit('first'));
    tab.add(edit('other', 2));
    tab.add(edit('second'));
    expect([...tab.disk.keys()]).toEqual(['other', 'second']);
    tab.up = true;
    tab.queue.flush();
    await settle();
    expect(tab.taken).toEqual(['other', 'second']);
  });

  test('what is on its way is not overtaken by the next word', async () => {
    let release: () => void = () => undefined;
    tab.hold = new Promise((done) => {
      release = done;
    });
    tab.add(edit('first'));
    tab.add(edit('second'));
    expect(tab.states()).toEqual({ first: 'sending', second: 'queued' });
    release();
    await settle();
    expect(tab.taken).toEqual(['first', 'second']);
  });
});

describe('refusals', () => {
  test('an unreachable server is tried again after a while, from the same one on', async () => {
    tab.answers = [new ApiError(0, 'unreachable', '')];
    tab.add(edit('a'));
    tab.add(edit('b', 2));
    await settle();
    expect(tab.states()).toEqual({ a: 'queued', b: 'queued' });
    tab.fire();
    await settle();
    expect(tab.taken).toEqual(['a', 'a', 'b']);
  });

  test('where the server answers nobody it is waited for; where it answers others, it is the step', async () => {
    const lost = Array.from({ length: 12 }, () => new ApiError(0, 'unreachable', ''));
    tab.answers = [...lost];
    tab.alive = false;
    tab.add(edit('a'));
    for (const _ of lost) {
      await settle();
      expect(tab.states()).toEqual({ a: 'queued' });
      tab.fire();
    }
    await settle();
    expect(tab.states()).toEqual({});
    tab.answers = [...lost];
    tab.alive = true;
    tab.add(edit('b'));
    for (let time = 0; time < 4; time += 1) {
      await settle();
      tab.fire();
    }
    expect(tab.states()).toEqual({ b: 'failed' });
  });

  test('a server that asks to wait is given the time it asked for', async () => {
    tab.answers = [new ApiError(429, 'rate_limited', '', {}, 7000)];
    tab.add(edit('a'));
    await settle();
    expect(tab.timers.map((timer) => timer.ms)).toEqual([7000]);
  });

  test('a refusal is kept with its reason until it is tried again or let be', async () => {
    tab.answers = [new ApiError(403, 'forbidden', 'No.'), new ApiError(403, 'forbidden', 'No.')];
    tab.add(edit('a'));
    await settle();
    expect(tab.disk.get('a')).toMatchObject({ state: 'failed', error: { code: 'forbidden', message: 'No.' } });
    tab.queue.retry('a');
    await settle();
    expect(tab.taken).toEqual(['a', 'a']);
    tab.queue.discard('a');
    expect(tab.states()).toEqual({});
    expect(tab.disk.size).toBe(0);
  });

  test('one refusal does not hold up the others', async () => {
    tab.answers = [new ApiError(403, 'forbidden', 'No.')];
    tab.add(edit('a', 1));
    tab.add(edit('b', 2));
    await settle();
    expect(tab.states()).toEqual({ a: 'failed' });
  });

  test('taken back already is as good as taken back', async () => {
    tab.answers = [new ApiError(409, 'already_recalled', 'x')];
    tab.add(recall('a', 1));
    await settle();
    expect(tab.states()).toEqual({});
  });
});
