/** Rooms: the list, finding and making them, and what one can change about them. */
export { BrowseRooms } from './browse';
export { CreateRoom } from './create';
export { RoomDetails } from './details';
export { RoomHeader } from './header';
export { RoomIntro } from './intro';
export { RoomList } from './list';
export { PreviewBar } from './preview';
export { StartDirect } from './start-direct';
