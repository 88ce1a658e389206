/**
 * The replay law of one room in this client: what was held before, with the frames that came, is what the server would
 * answer afresh. A small model of a room's log plays the server; who acts and what is read is drawn by lot.
 */
import { describe, expect, test } from 'vitest';
import type { FrameOf, Message, Room, ServerFrame } from '../gen/wire';
import { apply, withRoom } from './apply';
import { doubtedRooms } from './counts';
import { close, hold, rowsOf } from './messages';
import { EMPTY_CHAT, EMPTY_PRESENCE, EMPTY_TYPING, type World } from './world';

const ME = 1;
const context = { me: ME, now: 0, typingMs: 5000 };
const at = (seq: number) => new Date(Date.UTC(2026, 10, 21) + seq * 1000).toISOString();

/** Numbers by lot, the same for the same seed. */
function lots(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Entry =
  | { readonly kind: 'text'; readonly id: number }
  | {
      readonly kind: 'edit' | 'recall';
      readonly id: number;
      readonly mentions: readonly number[];
      readonly content: string;
    };

/** The server's side. */
class Model {
  readonly rows = new Map<number, Message>();
  readonly log: Entry[] = [];
  readSeq = 0;

  get head(): number {
    return this.log.length;
  }

  text(user_id: number, mentions: number[], mentions_room: boolean, reply?: Message): void {
    const seq = this.head + 1;
    const id = seq * 100;
    this.log.push({ kind: 'text', id });
    const quote = reply && {
      reply_to: {
        message_id: reply.id,
        seq: reply.seq,
        user_id: reply.user_id,
        username: reply.username,
        content: reply.content,
        recalled: Boolean(reply.recalled_at),
      },
    };
    this.rows.set(id, {
      id,
      room_id: 7,
      seq,
      user_id,
      username: `p${user_id}`,
      type: 'text',
      content: `said at ${seq}`,
      created_at: at(seq),
      mentions,
      attachments: [],
      mentions_room,
      mention_spans: [],
      guest: false,
      ...quote,
    });
    if (user_id === ME) this.readSeq = seq;
  }

  edit(row: Message, mentions: number[]): void {
    const content = `edited at ${this.head + 1}`;
    this.log.push({ kind: 'edit', id: row.id, mentions, content });
    this.#change(row, { content, edited_at: at(this.head), mentions, mentions_room: false }, { content });
  }

  recall(row: Message): void {
    this.log.push({ kind: 'recall', id: row.id, mentions: [], content: '' });
    const gone = { content: '', recalled_at: at(this.head), mentions: [], mentions_room: false, mention_spans: [] };
    this.#change(row, gone, { content: '', recalled: true });
  }

  #change(row: Message, change: Partial<Message>, quoted: { content: string; recalled?: boolean }): void {
    this.rows.set(row.id, { ...row, ...change });
    for (const [id, other] of this.rows) {
      if (other.reply_to?.message_id === row.id) {
        this.rows.set(id, { ...other, reply_to: { ...other.reply_to, ...quoted } });
      }
    }
  }

  /** What a position is told as: live as it was made, in a replay as it is now. */
  frame(seq: number): ServerFrame {
    const entry = this.log[seq - 1];
    const row = entry && this.rows.get(entry.id);
    if (!entry || !row) throw new Error(`nothing at ${seq}`);
    if (entry.kind === 'text') {
      const { id, created_at, type: _type, ...rest } = row;
      return { type: 'text', message_id: id, timestamp: created_at, ...rest } satisfies FrameOf<'text'>;
    }
    const shared = { room_id: 7, message_id: row.id, message_seq: row.seq, seq, user_id: row.user_id };
    if (entry.kind === 'recall') return { type: 'recall', timestamp: row.recalled_at ?? at(seq), ...shared };
    const { content, mentions, mentions_room, mention_spans } = row;
    const named = { mentions, mentions_room, mention_spans };
    return { type: 'edit', timestamp: row.edited_at ?? at(seq), content, ...named, ...shared };
  }

  counts() {
    const unread = this.all().filter((row) => row.seq > this.readSeq && row.user_id !== ME && !row.recalled_at);
    const named = unread.filter((row) => row.mentions_room || row.mentions.includes(ME));
    return { unread: unread.length, mentions: named.length, read_seq: this.readSeq, last_seq: this.head };
  }

  all(): readonly Message[] {
    return [...this.rows.values()];
  }

  room(): Room {
    return {
      id: 7,
      kind: 'room',
      name: 'general',
      description: '',
      is_private: false,
      created_by: 2,
      created_at: at(0),
      updated_at: at(0),
      member_count: 3,
      my_role: 'member',
      peers: [],
      last_message: this.all().at(-1) ?? null,
      ...this.counts(),
    };
  }

  /** One deed of somebody. */
  act(lot: (below: number) => number): void {
    const standing = this.all().filter((row) => !row.recalled_at);
    const some = standing[lot(Math.max(1, standing.length))];
    const deed = lot(10);
    const named = () => (lot(3) === 0 ? [ME] : lot(2) === 0 ? [3] : []);
    if (deed < 5 || !some)
      this.text(lot(12) === 0 ? ME : 2 + lot(2), named(), lot(9) === 0, lot(3) === 0 ? some : undefined);
    else if (deed < 8) this.edit(some, named());
    else this.recall(some);
  }
}

function begin(model: Model, opened: boolean): World {
  const chat = withRoom({ ...EMPTY_CHAT, epoch: 1, cursors: { 7: model.head } }, model.room());
  const page = { from: 1, to: model.head, rows: model.all() };
  return { chat: opened ? hold(chat, '7', page, model.head) : chat, presence: EMPTY_PRESENCE, typing: EMPTY_TYPING };
}

function held(world: World): readonly unknown[] {
  const rows = world.chat.logs['7']?.flatMap((span) => rowsOf(world.chat, '7', span)) ?? [];
  return rows.map(({ changed: _changed, ...row }) => row);
}

const told = ({ chat }: World) => {
  const { unread, mentions, read_seq, last_seq } = chat.rooms[7] ?? {};
  return { unread, mentions, read_seq, last_seq };
};

/** The state before, with `deeds` frames, told one by one or after a break. */
function play(seed: number, opened: boolean, live: boolean) {
  const lot = lots(seed);
  const model = new Model();
  for (let deed = 0; deed < 1 + lot(20); deed += 1) model.act(lot);
  model.readSeq = Math.max(model.readSeq, lot(model.head + 1));
  let world = begin(model, opened);
  let cursor = model.head;
  const catchUp = () => {
    for (; cursor < model.head; cursor += 1) world = apply(world, model.frame(cursor + 1), context);
  };
  for (let deed = 0; deed < 30; deed += 1) {
    model.act(lot);
    if (live) catchUp();
    if (live && lot(15) === 0) {
      model.readSeq = model.head;
      world = apply(world, { type: 'read', room_id: 7, seq: model.head, unread: 0, mentions: 0, own_seq: 1 }, context);
    }
  }
  catchUp();
  return { world, model };
}

const SEEDS = Array.from({ length: 300 }, (_, index) => index + 1);

describe.each([
  ['as it happens', true],
  ['after a break', false],
])('told %s, the frames lead to the fresh state', (_, live) => {
  test('of a room that is open, in its rows and its counts', () => {
    for (const seed of SEEDS) {
      const { world, model } = play(seed, true, live);
      expect(doubtedRooms(world.chat), `seed ${seed}`).toEqual([]);
      expect(told(world), `seed ${seed}`).toEqual(model.counts());
      expect(held(world), `seed ${seed}`).toEqual(model.all());
    }
  });

  test('of a room that was never opened, in its counts, or the server is asked', () => {
    let asked = 0;
    for (const seed of SEEDS) {
      const { world, model } = play(seed, false, live);
      const doubted = doubtedRooms(world.chat).length > 0;
      asked += Number(doubted);
      const { mentions: _mine, ...mine } = told(world);
      const { mentions: _theirs, ...theirs } = model.counts();
      expect(mine, `seed ${seed}`).toEqual(theirs);
      if (!doubted) expect(told(world), `seed ${seed}`).toEqual(model.counts());
    }
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(SEEDS.length);
  });
});

test('a room that was opened and closed again is counted like one that never was', () => {
  const { world, model } = play(3, true, true);
  const closed = { ...world, chat: close(world.chat, '7') };
  model.text(2, [ME], false);
  const next = apply(closed, model.frame(model.head), context);
  expect(next.chat.messages).toEqual({});
  expect(told(next)).toEqual(model.counts());
});
