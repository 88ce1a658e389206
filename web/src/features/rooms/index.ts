/** Rooms as they stand on the page: the list, the head of the sheet, the beginning of the conversation. */
export { showUnreadOnly, sortRooms, useDesk } from './desk';
export { RoomHeader } from './header';
export { RoomIntro } from './intro';
export { RoomList } from './list';
export { roomBeside } from './order';
