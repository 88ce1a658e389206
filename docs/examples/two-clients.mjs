// Two people talk in a room over their sockets, with the frames GoChat's clients send. Called by gochat.sh:
// two-clients.mjs BASE_URL ROOM_ID TOKEN1 TOKEN2. Exits with 0 when each saw what the other said.
const [base, room, token1, token2] = process.argv.slice(2);
const roomId = Number(room);
const deadline = setTimeout(() => fail('nothing came for ten seconds'), 10_000);

function fail(why) {
  console.error(`two-clients: ${why}`);
  process.exit(1);
}

/** A socket that remembers its frames; `next(type)` waits for the next one of that type. */
function connect(token) {
  const socket = new WebSocket(`${base.replace(/^http/, 'ws')}/ws?token=${token}`);
  const frames = [];
  let wake = () => {};
  socket.onmessage = (event) => {
    frames.push(JSON.parse(event.data));
    wake();
  };
  socket.onerror = () => fail('a socket broke');
  return {
    opened: new Promise((resolve) => {
      socket.onopen = resolve;
    }),
    send: (frame) => socket.send(JSON.stringify(frame)),
    close: () => socket.close(),
    async next(type) {
      for (;;) {
        const at = frames.findIndex((frame) => frame.type === type);
        if (at >= 0) return frames.splice(at, 1)[0];
        await new Promise((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

function expect(frame, fields) {
  for (const [key, value] of Object.entries(fields)) {
    if (frame[key] !== value) fail(`${key} is ${frame[key]}, not ${value}, in ${JSON.stringify(frame)}`);
  }
}

const first = connect(token1);
const second = connect(token2);
await Promise.all([first.opened, second.opened]);

for (const person of [first, second]) {
  person.send({ type: 'join', room_id: roomId });
  const list = await person.next('userlist');
  expect(list, { room_id: roomId });
}

first.send({ type: 'typing', room_id: roomId });
expect(await second.next('typing'), { room_id: roomId, username: 'user1' });

// What a client claims about itself counts for nothing: identity comes from the session.
first.send({ type: 'text', room_id: roomId, content: '你好，世界', username: 'somebody else', user_id: 999 });
for (const person of [first, second]) {
  expect(await person.next('text'), { room_id: roomId, username: 'user1', content: '你好，世界' });
}
second.send({ type: 'text', room_id: roomId, content: 'Hello!' });
for (const person of [first, second]) expect(await person.next('text'), { username: 'user2', content: 'Hello!' });

second.send({ type: 'text', room_id: 999_999, content: 'into the void' });
expect(await second.next('error'), { code: 404, reason: 'room_not_found' });
second.send({ type: 'leave', room_id: roomId });

clearTimeout(deadline);
first.close();
second.close();
