/** The jump dialog (Ctrl+K). Loaded lazily; what can be jumped to comes in as props. */
export { match, rank } from './fuzzy';
export { type ActionTarget, type PersonTarget, QuickSwitch, type RoomTarget, type SwitchTarget } from './quick-switch';
export type { Wanted } from './wanted';
