import { describe, expect, test } from 'vitest';
import type { Message, Role, Room, User } from '../gen/wire';
import { room, message as sample, user } from './samples';
import { facesOf, fileOfQuote, mayRecall, pictureOf } from './select';
import { EMPTY_CHAT } from './world';

const me = { id: 1, is_admin: false } as User;
const message = { id: 5, room_id: 7, user_id: 2, type: 'text' } as Message;

/** The room as a person with this role sees it; its author is a member with that role, or gone. */
function seen(mine: Role | null, author?: Role, kind: Room['kind'] = 'room') {
  const people = author ? [{ room_id: 7, user: { id: 2 } as User, role: author, joined_at: '' }] : [];
  return { ...EMPTY_CHAT, rooms: { 7: { id: 7, kind, my_role: mine } as Room }, members: { 7: people } };
}

describe('a recall is offered where the server takes it, and nowhere else', () => {
  const cases: [string, boolean, boolean][] = [
    ['one of mine', true, mayRecall(seen('member'), me, { ...message, user_id: 1 })],
    ['one of mine in a room I left', false, mayRecall(seen(null), me, { ...message, user_id: 1 })],
    ["a member another's", false, mayRecall(seen('member', 'member'), me, message)],
    ["an admin a member's", true, mayRecall(seen('admin', 'member'), me, message)],
    ['an admin of who is gone', true, mayRecall(seen('admin'), me, message)],
    ["an admin another admin's", false, mayRecall(seen('admin', 'admin'), me, message)],
    ["an admin an owner's", false, mayRecall(seen('admin', 'owner'), me, message)],
    ["an owner another owner's", true, mayRecall(seen('owner', 'owner'), me, message)],
    ['the administrator anybody’s', true, mayRecall(seen(null, 'owner'), { ...me, is_admin: true }, message)],
    [
      'the administrator in a conversation',
      false,
      mayRecall(seen('member', 'member', 'direct'), { ...me, is_admin: true }, message),
    ],
    ['what is recalled already', false, mayRecall(seen('owner'), me, { ...message, recalled_at: 'then' })],
    ['what nobody wrote', false, mayRecall(seen('owner'), me, { ...message, type: 'system' })],
  ];
  test.each(cases)('%s: %s', (_, wanted, is) => expect(is).toBe(wanted));

  test('whose role is not known yet is not guessed', () => {
    expect(mayRecall({ ...seen('admin'), members: {} }, me, message)).toBe(false);
  });
});

test('faces are of those who are here now: told of, or known as a member, and not gone since', () => {
  const users = Object.fromEntries([1, 2, 3, 4].map((id) => [id, { id, username: `p${id}` }]));
  const people = { 1: { presence: 'online' }, 2: { presence: 'offline' }, 3: { presence: 'away' } } as const;
  const member = (id: number) => ({ room_id: 7, user: { id } as User, role: 'member', joined_at: '' }) as const;
  const faces = facesOf([1, 2], [member(1), member(3), member(4), member(5)], people, users);
  expect(faces.map(({ id }) => id)).toEqual([1, 3]);
});

test('a room is drawn by its own picture, a conversation of two by that of the other, as they are now', () => {
  const peer = user(2, { avatar_url: '/api/avatars/old' });
  const direct = room(8, { kind: 'direct', peers: [peer] });
  expect(pictureOf(room(7, { avatar_url: '/avatars/bee.svg' }), {})).toBe('/avatars/bee.svg');
  expect(pictureOf(direct, {})).toBe('/api/avatars/old');
  expect(pictureOf(direct, { 2: { ...peer, avatar_url: '/api/avatars/new' } })).toBe('/api/avatars/new');
  // A frame may have told no more than the name.
  expect(pictureOf(direct, { 2: { id: 2, username: 'ben' } })).toBe('/api/avatars/old');
  expect(pictureOf(room(9, { kind: 'direct', peers: [peer, user(3)] }), {})).toBeFalsy();
});

test('a file that is answered without words goes by its name where it is here; what is seen or heard goes by its kind', () => {
  const file = { id: 9, file_name: 'plan.pdf', file_size: 3, file_type: 'application/pdf', waveform: [], thumbs: [] };
  const chat = {
    ...EMPTY_CHAT,
    messages: { 7: { 5: { ...sample(5, { attachments: [{ ...file, category: 'file' as const }] }), changed: 5 } } },
  };
  const quote = { message_id: 5, seq: 5, user_id: 2, username: 'maya', content: '', recalled: false };
  expect(fileOfQuote(chat, 7, { ...quote, message_type: 'file' })).toBe('plan.pdf');
  expect(fileOfQuote(chat, 7, { ...quote, message_type: 'image' })).toBeUndefined();
  expect(fileOfQuote(chat, 8, { ...quote, message_type: 'file' })).toBeUndefined();
  expect(fileOfQuote(chat, 7, undefined)).toBeUndefined();
});
