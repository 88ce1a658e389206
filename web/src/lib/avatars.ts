/** The pictures that were drawn for whoever wants one: their names, and where they lie (public/avatars). */
import type { components } from '../gen/api';

export type DrawnAvatar = components['schemas']['DrawnAvatar'];

/** In the order they are shown; the server names the same ones, or this does not compile. */
const EACH: Readonly<Record<DrawnAvatar, true>> = {
  fox: true,
  owl: true,
  cat: true,
  whale: true,
  bear: true,
  panda: true,
  rabbit: true,
  otter: true,
  penguin: true,
  frog: true,
  bee: true,
  turtle: true,
  koala: true,
  tiger: true,
  hedgehog: true,
  crane: true,
};
export const DRAWN = Object.keys(EACH) as readonly DrawnAvatar[];

export const drawnUrl = (name: DrawnAvatar): string => `/avatars/${name}.svg`;

/** Which of them lies there, if one does. */
export const drawnAt = (url: string | undefined): DrawnAvatar | undefined =>
  DRAWN.find((name) => drawnUrl(name) === url);
