import { describe, expect, test } from 'vitest';
import type { FrameOf, ServerFrame } from '../gen/wire';
import { apply, withRoom } from './apply';
import { countedUpTo } from './counts';
import { rowsOf } from './messages';
import { AT, room, user } from './samples';
import { EMPTY_CHAT, EMPTY_PRESENCE, EMPTY_TYPING, type World } from './world';

const ME = 1;
const context = { me: ME, now: 1_000_000, typingMs: 5000 };

const ROOM = room(7, { member_count: 3 });

function start(): World {
  const chat = withRoom(EMPTY_CHAT, ROOM);
  return {
    chat: { ...chat, epoch: 1, cursors: { 7: 10 }, logs: { '7': [] } },
    presence: EMPTY_PRESENCE,
    typing: EMPTY_TYPING,
  };
}

const text = (seq: number, change: Partial<FrameOf<'text'>> = {}): FrameOf<'text'> => ({
  type: 'text',
  room_id: 7,
  message_id: seq * 100,
  seq,
  user_id: 2,
  username: 'maya',
  content: 'hello',
  attachments: [],
  timestamp: AT,
  mentions: [],
  mentions_room: false,
  mention_spans: [],
  guest: false,
  ...change,
});

const run = (...frames: ServerFrame[]) => frames.reduce((world, frame) => apply(world, frame, context), start());
const shown = ({ chat }: World) => chat.logs['7']?.flatMap((span) => rowsOf(chat, '7', span)) ?? [];

describe('messages', () => {
  test('a text becomes a row, moves the cursor and counts as unread', () => {
    const { chat } = run(text(11), text(12, { mentions: [ME] }));
    expect(chat.cursors[7]).toBe(12);
    expect(chat.rooms[7]).toMatchObject({ unread: 2, mentions: 1, last_seq: 12 });
    expect(chat.users[2]?.username).toBe('maya');
  });

  test('my own words, recalled ones and those counted by the server do not count', () => {
    const world = start();
    const counted = { ...world, chat: { ...world.chat, tallies: { 7: countedUpTo(11) } } };
    let next = apply(counted, text(11), context);
    next = apply(next, text(12, { user_id: ME }), context);
    next = apply(next, text(13, { recalled_at: AT, content: '' }), context);
    expect(next.chat.rooms[7]?.unread).toBe(0);
  });

  test('everybody named is me named', () => {
    expect(run(text(11, { mentions_room: true })).chat.rooms[7]?.mentions).toBe(1);
  });

  test('an edit changes the row and the quotes of it, and takes a position of its own', () => {
    const reply = { message_id: 1100, seq: 11, user_id: 2, username: 'maya', content: 'hello', recalled: false };
    const world = run(text(11), text(12, { reply_to: reply }), {
      type: 'edit',
      room_id: 7,
      message_id: 1100,
      seq: 13,
      message_seq: 11,
      user_id: 2,
      content: 'hello all',
      timestamp: AT,
      mentions: [ME],
      mentions_room: false,
      mention_spans: [],
    });
    const [first, second] = shown(world);
    expect(first).toMatchObject({ content: 'hello all', edited_at: AT, mentions: [ME] });
    expect(second?.reply_to?.content).toBe('hello all');
    expect(world.chat.cursors[7]).toBe(13);
    expect(world.chat.logs['7']).toHaveLength(1);
  });

  test('a recall leaves a tombstone and empties the quotes', () => {
    const reply = { message_id: 1100, seq: 11, user_id: 2, username: 'maya', content: 'hello', recalled: false };
    const world = run(text(11), text(12, { reply_to: reply }), {
      type: 'recall',
      room_id: 7,
      message_id: 1100,
      seq: 13,
      message_seq: 11,
      user_id: 2,
      timestamp: AT,
    });
    const [first, second] = shown(world);
    expect(first).toMatchObject({ content: '', recalled_at: AT });
    expect(second?.reply_to).toMatchObject({ content: '', recalled: true });
  });

  test('the read mark clears the counts and never goes back', () => {
    const world = run(
      text(11),
      { type: 'read', room_id: 7, seq: 11, unread: 0, mentions: 0, own_seq: 1 },
      { type: 'read', room_id: 7, seq: 9, unread: 0, mentions: 0, own_seq: 1 },
    );
    expect(world.chat.rooms[7]).toMatchObject({ unread: 0, read_seq: 11 });
  });
});

describe('rooms and people', () => {
  const system = (seq: number, event: FrameOf<'system'>['event'], user_id = 5): FrameOf<'system'> => ({
    type: 'system',
    room_id: 7,
    message_id: seq * 100,
    seq,
    event,
    user_id,
    username: 'noor',
    content: '',
    timestamp: AT,
  });

  test('joining and leaving move the count once', () => {
    expect(run(system(11, 'user_joined')).chat.rooms[7]?.member_count).toBe(4);
    expect(run(system(11, 'user_kicked')).chat.rooms[7]?.member_count).toBe(2);
  });

  test('a rename keeps what is mine about the room', () => {
    const { chat } = run({
      type: 'room',
      room_id: 7,
      event: 'updated',
      seq: 11,
      timestamp: AT,
      room: { ...ROOM, name: 'lobby', avatar_url: '/avatars/bee.svg', my_role: null, unread: null },
    });
    expect(chat.rooms[7]).toMatchObject({ name: 'lobby', avatar_url: '/avatars/bee.svg', my_role: 'member' });
    expect(chat.cursors[7]).toBe(11);
  });

  test('a room I was removed from is forgotten with all that was in it', () => {
    const { chat } = run(text(11), { type: 'room', room_id: 7, event: 'removed', timestamp: AT });
    expect(chat.rooms[7]).toBeUndefined();
    expect(chat.logs['7']).toBeUndefined();
    expect(chat.cursors[7]).toBeUndefined();
  });

  test('a new role of mine is known at once', () => {
    const { chat } = run({
      type: 'member',
      room_id: 7,
      seq: 11,
      user_id: ME,
      username: 'me',
      role: 'admin',
      actor_id: 2,
      timestamp: AT,
    });
    expect(chat.rooms[7]?.my_role).toBe('admin');
  });

  test('another epoch lets go of every position', () => {
    const world = apply(
      run(text(11)),
      {
        type: 'welcome',
        user_id: ME,
        username: 'me',
        session: 's',
        epoch: 2,
        heartbeat_ms: 25_000,
        build: '',
        emojis_version: 0,
        pong_timeout_ms: 10_000,
      },
      context,
    );
    expect(world.chat).toMatchObject({ epoch: 2, logs: {}, cursors: {} });
  });

  test('typing ends with the message, and is never about myself', () => {
    const typing: FrameOf<'typing'> = { type: 'typing', room_id: 7, user_id: 2, username: 'maya' };
    expect(run(typing).typing.rooms[7]?.[2]?.until).toBe(1_005_000);
    expect(run(typing, text(11)).typing.rooms[7]?.[2]).toBeUndefined();
    expect(run(typing, { ...typing, stopped: true }).typing.rooms[7]?.[2]).toBeUndefined();
    expect(run({ ...typing, user_id: ME }).typing.rooms[7]).toBeUndefined();
  });

  test('a list without names tells how many are here, and keeps those who are known', () => {
    const list = (users: number[], total: number) => ({
      type: 'userlist' as const,
      room_id: 7,
      users: users.map((id) => ({ user_id: id, username: `p${id}`, presence: 'online' as const, is_online: true })),
      total,
    });
    const named = apply(start(), list([2, 3], 2), context);
    expect(apply(named, list([], 5), context).presence.here[7]).toEqual({ users: [2, 3], total: 5 });
    expect(apply(named, list([], 0), context).presence.here[7]).toEqual({ users: [], total: 0 });
  });

  test('who joins later is among those who are here, and who leaves is not', () => {
    const seat = (seq: number, user_id: number, event: FrameOf<'system'>['event']): FrameOf<'system'> => ({
      type: 'system',
      event,
      room_id: 7,
      message_id: seq * 100,
      seq,
      user_id,
      username: `p${user_id}`,
      content: '',
      timestamp: AT,
    });
    const users = [{ user_id: 2, username: 'p2', presence: 'online' as const, is_online: true }];
    const world = run(
      { type: 'userlist', room_id: 7, users, total: 1 },
      seat(11, 3, 'user_joined'),
      seat(12, 4, 'user_added'),
      seat(13, 2, 'user_left'),
    );
    expect(world.presence.here[7]?.users).toEqual([3, 4]);
  });

  test('who is called otherwise is so at once, and loses nothing that only they know', () => {
    const before = start();
    const me = { ...user(1, { display_name: 'Ann' }), email: 'ann@example.com' };
    const world = { ...before, chat: { ...before.chat, users: { 1: me, 2: { id: 2, username: 'maya' } } } };
    const maya = user(2, { display_name: 'Maya Lin', status_text: 'away' });
    const after = [maya, user(1, { display_name: 'Anna' })].reduce<World>(
      (now, told) => apply(now, { type: 'profile', user: told }, context),
      world,
    );
    expect(after.chat.users[2]).toEqual(maya);
    expect(after.chat.users[1]).toMatchObject({ display_name: 'Anna', email: 'ann@example.com' });
  });

  test('presence does not touch the rooms', () => {
    const before = start();
    const named = { ...before, chat: { ...before.chat, users: { 2: { id: 2, username: 'maya' } } } };
    const after = apply(named, { type: 'presence', user_id: 2, username: 'maya', status: 'away' }, context);
    expect(after.presence.people[2]?.presence).toBe('away');
    expect(after.chat).toBe(named.chat);
  });

  test('the connection’s own frames change nothing', () => {
    const before = start();
    const frames: ServerFrame[] = [
      { type: 'pong' },
      { type: 'ack', room_id: 7, message_id: 1, seq: 11, timestamp: AT },
      { type: 'error', code: 429, error: '', message: '', reason: 'rate_limited' },
      { type: 'synced', room_id: 7, from: 10, to: 10 },
      { type: 'resync', room_id: 7, reason: 'too_far', head: 99 },
    ];
    for (const frame of frames) expect(apply(before, frame, context)).toBe(before);
  });
});
