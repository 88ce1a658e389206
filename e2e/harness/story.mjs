/** A believable place: people, rooms and a conversation with everything a message can have. */
import { Person } from './api.mjs';

const CAST = [
  ['maya', { display_name: 'Maya Lindqvist', status_text: 'Release week', bio: 'Keeps the server up and the tea warm.' }],
  ['tomas', { display_name: 'Tomás Rivera', status_text: 'In Lisbon until Friday' }, 'otter'],
  ['liming', { display_name: '李明', status_text: '专注中，稍后回复' }, 'crane'],
  ['aisha', { display_name: 'Aisha Okafor', bio: 'Design, mostly on paper first.' }, 'owl'],
  ['jonas', { display_name: 'Jonas Weber' }],
];

const CODE = `Found it. The cursor was read *before* the commit:

\`\`\`rust
let head = room.head();
let row = store.append(&permit, text).await?;
assert_eq!(row.seq, head + 1); // not under load
\`\`\`

Two senders, one \`head\`. I'll take it from the transaction instead.`;

/** Gives the people by name and the rooms; `maya` is whose eyes one sees with. */
export async function tell(server) {
  const people = {};
  for (const [name, profile, drawn] of CAST) {
    people[name] = await Person.register(server, name, profile);
    if (drawn) await people[name].call('PUT', `/api/users/${people[name].id}/avatar`, { drawn });
  }
  const { maya, tomas, liming, aisha, jonas } = people;
  const everybody = [tomas, liming, aisha, jonas];
  const make = async (name, description, members = everybody, more = {}) => {
    const room = await maya.createRoom(name, { description, ...more });
    for (const one of members) await one.join(room);
    return room;
  };
  const rooms = {
    release: await make('release', 'Version 1.0: what is left, who does it, what broke'),
    design: await make('design', 'Paper, ink, and arguments about both'),
    chinese: await make('产品讨论', '产品需求与反馈'),
    random: await make('random', 'Anything but work'),
  };
  await maya.call('PUT', `/api/rooms/${rooms.design.id}/avatar`, { drawn: 'hedgehog' });
  rooms.board = await maya.createRoom('board', { description: 'Budget and people', is_private: true });
  rooms.bookclub = await aisha.createRoom('bookclub', { description: 'One book a month, cake included' });

  const { release } = rooms;
  await jonas.say(release, 'Morning! The nightly run is green again :tada: 🎉');
  const question = await tomas.say(release, 'Good morning. Is anybody looking at the resume test? It failed twice on my branch.');
  await maya.say(release, 'I am. It only happens with two senders in one room.');
  await maya.say(release, CODE);
  await tomas.say(release, 'Oh, that explains the hole in the sequence. Nice catch!', { reply_to: question.id });
  const mistake = await aisha.say(release, 'wrong room, sorry');
  await aisha.call('DELETE', `/api/messages/${mistake.id}`);
  const plan = await jonas.say(release, 'Plan: tag on Thrusday');
  await jonas.call('PUT', `/api/messages/${plan.id}`, {
    content: 'Plan for **Thursday**:\n\n1. tag `v1.0.0-rc.2`\n2. let it run over the weekend with 10 000 sockets\n3. if nothing falls over: *release*',
  });
  await liming.say(release, '好的，周四之前我把中文文档校对完。界面里还有两处英文没有翻译，已经记在列表里了。');
  await aisha.say(release, '> if nothing falls over\n\nFamous last words. The new icons are in, see [the sheet](https://example.com/icons).');
  await maya.say(release, `@tomas can you do the migration notes? @liming 辛苦了 🙏`);
  const offer = await tomas.say(release, 'Will do, today after lunch.');
  await jonas.say(release, '| scenario | target | now |\n|---|---|---|\n| steady | 0.80 | 0.84 |\n| saturated | 0.50 | 0.61 |');
  await tomas.say(release, 'Better than I hoped.');

  await aisha.say(rooms.design, 'The teal is a promise: it only marks what you can act on.');
  await aisha.say(rooms.design, 'And ember is for your name, @maya. Nothing else gets to be orange.');
  await liming.say(rooms.chinese, '大家看一下新的登录页，第一印象很重要。');
  await maya.say(rooms.chinese, '字体很舒服，行高再大一点点会更好读。');
  await liming.say(rooms.chinese, '已调整到 1.6，请刷新看看 😀');
  await jonas.say(rooms.random, 'There is cake in the kitchen.');
  const direct = await tomas.direct(maya);
  await tomas.say(direct, 'Do you have five minutes later? It is about the talk in Porto.');
  const second = await liming.direct(maya);
  await liming.say(second, '合同我看过了，没有问题。');
  await maya.say(second, '太好了，谢谢！');
  return { people, rooms, direct, offer };
}
