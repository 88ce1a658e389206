/** For tests: a room, people and messages in it, whole as the server tells them; a test says only what matters to it. */
import type { Member, Message, Room, User } from '../gen/wire';

export const AT = '2026-11-21T12:00:00.000Z';

export const user = (id: number, change: Partial<User> = {}): User => ({
  id,
  username: `user${id}`,
  display_name: '',
  bio: '',
  status_text: '',
  is_online: true,
  presence: 'online',
  created_at: AT,
  deactivated: false,
  ...change,
});

/** All of it is read. */
export const room = (id: number, change: Partial<Room> = {}): Room => ({
  id,
  kind: 'room',
  name: `room ${id}`,
  description: '',
  is_private: false,
  created_by: 2,
  created_at: AT,
  updated_at: AT,
  member_count: 2,
  last_seq: 10,
  my_role: 'member',
  unread: 0,
  mentions: 0,
  read_seq: change.last_seq ?? 10,
  peers: [],
  ...change,
});

export const member = (id: number, change: Partial<Member> = {}): Member => ({
  room_id: 7,
  role: 'member',
  joined_at: AT,
  user: user(id, { username: `p${id}`, presence: 'offline', is_online: false }),
  ...change,
});

/** In room 7, by its second member. */
export const message = (seq: number, change: Partial<Message> = {}): Message => ({
  id: seq,
  room_id: 7,
  seq,
  user_id: 2,
  username: 'maya',
  type: 'text',
  content: `message ${seq}`,
  attachments: [],
  created_at: AT,
  mentions: [],
  mentions_room: false,
  mention_spans: [],
  guest: false,
  ...change,
});
