/** `:name:` where it may be an emoji of the place, alone or in a line. What draws it, and the list of them, comes with the first one. */
import { lazyPart } from '../../ui';

export interface NamedProps {
  /** What stands there while the place has no such emoji. */
  text: string;
  /** Of a text in one line: what it was made of. Without it `text` is a single name. */
  source?: string;
}

export const Named = lazyPart<NamedProps>(() => import('./own-emoji'), {
  waiting: ({ text }) => <span className="md-name">{text}</span>,
  place: 'nowhere',
});
