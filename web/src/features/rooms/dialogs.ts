/** Finding, making and changing rooms. Loaded when first wanted. */
export { AddPeople } from './add-people';
export { BrowseRooms } from './browse';
export { CreateRoom } from './create';
export { RoomDetails } from './details';
export { StartDirect } from './start-direct';
