/** The visual test page at `/_kit`. Loaded lazily. */
export { KitPage } from './page';
