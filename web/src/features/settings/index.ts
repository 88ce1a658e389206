/** The person's own settings. Loaded lazily; data and calls come in as props. */
export type { KeyGroup } from './keyboard';
export type { ProfileChange } from './profile';
export type { SessionCalls } from './sessions';
export { Settings, type SettingsProps } from './settings';
