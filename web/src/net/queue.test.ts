/** What holds for every queue of steps, whatever its steps are. A new queue is a line in the table. */
import { describe, expect, test } from 'vitest';
import type { Change, Pending } from '../state';
import { Changes } from './changes';
import { Outbox } from './outbox';
import type { Queue, QueueDeps, Shared, Step } from './queue';

const AT = '2026-11-21T12:00:00.000Z';
const forever = () => new Promise<void>(() => undefined);

/** A tab: whether it leads, what it has taken, what is on the disk that it shares with the others. */
interface Tab<S extends Step> {
  queue: Pick<Queue<S, QueueDeps<S>>, 'add' | 'heard' | 'lead' | 'discard' | 'restore' | 'entries'>;
  leads: boolean;
  taken: string[];
}

interface Kind<S extends Step> {
  name: string;
  step(id: string): S;
  make(tab: Tab<S>, deps: QueueDeps<S>): Tab<S>['queue'];
}

const sends: Kind<Pending> = {
  name: 'sends',
  step: (id) => ({ client_id: id, room_id: 1, user_id: 1, content: id, created_at: AT, state: 'queued' }),
  make: (tab, deps) =>
    new Outbox({
      ...deps,
      cursor: () => 0,
      send: (frame) => tab.taken.push(frame.type === 'text' ? frame.client_id : '') > 0,
    }),
};
const changes: Kind<Change> = {
  name: 'changes',
  step: (id) => ({ id, message_id: 7, kind: 'edit', content: id, created_at: AT, state: 'queued' }),
  make: (tab, deps) =>
    new Changes({
      ...deps,
      up: () => tab.leads,
      tell: ({ id }) => {
        tab.taken.push(id);
        return forever();
      },
    }),
};

function browser<S extends Step>(kind: Kind<S>, tabs: number) {
  const disk = new Map<string, S>();
  const all: Tab<S>[] = [];
  for (let at = 0; at < tabs; at += 1) {
    const tab = { leads: at === 0, taken: [] } as unknown as Tab<S>;
    tab.queue = kind.make(tab, {
      leads: () => tab.leads,
      share: (word: Shared<S>) => {
        for (const other of all) if (other !== tab) other.queue.heard(word);
      },
      storage: {
        put: async (step) => void disk.set(idOf(step), step),
        remove: async (id) => void disk.delete(id),
      },
      after: () => () => undefined,
      onChange: () => undefined,
    });
    all.push(tab);
  }
  return { disk, all, states: () => all.map(({ queue }) => queue.entries.map((step) => step.state)) };
}

const idOf = (step: Step) => ('client_id' in step ? String(step.client_id) : 'id' in step ? String(step.id) : '');

function laws<S extends Step>(kind: Kind<S>) {
  describe(kind.name, () => {
    test('a step made in any tab is held by all and taken by the one that leads', () => {
      const { all, states } = browser(kind, 2);
      all[1]?.queue.add(kind.step('a'));
      expect(all.map((tab) => tab.taken)).toEqual([['a'], []]);
      expect(states()).toEqual([['sending'], ['sending']]);
    });

    test('thrown away in one tab before it was taken, it is gone in all and from the disk', () => {
      const { all, states, disk } = browser(kind, 2);
      for (const tab of all) tab.leads = false;
      all[0]?.queue.add(kind.step('a'));
      expect(all[1]?.queue.discard('a')).toBe(true);
      expect([states(), disk.size]).toEqual([[[], []], 0]);
    });

    test('what is on its way is not thrown away by a tab that does not know it yet', () => {
      const { all, states, disk } = browser(kind, 2);
      all[0]?.queue.add(kind.step('a'));
      all[0]?.queue.heard({ gone: 'a' });
      expect([states(), disk.size]).toEqual([[['sending'], ['sending']], 1]);
    });

    test('who leads next takes again what the one before had on its way', () => {
      const { all } = browser(kind, 2);
      all[0]?.queue.add(kind.step('a'));
      for (const tab of all) tab.leads = tab === all[1];
      all[1]?.queue.lead();
      expect(all[1]?.taken).toEqual(['a']);
    });

    test('what a former page left is taken, once', () => {
      const { all } = browser(kind, 1);
      all[0]?.queue.restore([{ ...kind.step('a'), state: 'sending' }]);
      all[0]?.queue.restore([kind.step('a')]);
      expect(all[0]?.taken).toEqual(['a']);
    });
  });
}

laws(sends);
laws(changes);
