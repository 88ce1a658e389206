/**
 * The tabs of one browser: what they tell each other, and which of them does what only one may do. Where the browser has no
 * locks (a page over plain HTTP from elsewhere) each tab leads by itself; what is done twice by that is the same as done once.
 */
import type { Shared } from './queue';

export type TabWord =
  /** The account was left in another tab. */
  | { readonly type: 'left'; readonly user: number }
  /** An account came in. */
  | { readonly type: 'entered'; readonly user: number }
  /** What became of a step; `send`, `change`, `sends` and `changes` were the words of older builds, whose tab may still be open. */
  | { readonly type: 'steps'; readonly user: number; readonly word: Shared };

const NAME = 'chinwag';

let channel: BroadcastChannel | undefined;

/** Tells the other tabs. */
export function tellTabs(word: TabWord): void {
  try {
    channel?.postMessage(word);
  } catch {
    // A page that is being let go of has nobody to tell.
  }
}

export function hearTabs(listener: (word: TabWord) => void): void {
  if (typeof BroadcastChannel === 'undefined') return;
  try {
    channel = new BroadcastChannel(NAME);
    channel.onmessage = (event: MessageEvent<TabWord>) => listener(event.data);
  } catch {
    // Storage is denied, and this with it: each tab is alone.
  }
}

/** One tab among all that want to lead. */
export class Lead {
  #held = false;
  #let: AbortController | undefined;

  get held(): boolean {
    return this.#held;
  }

  /** Leads as soon as nobody else does. */
  seek(onLead: () => void): void {
    if (this.#let) return;
    const end = new AbortController();
    this.#let = end;
    const lead = () => {
      if (end.signal.aborted) return;
      this.#held = true;
      onLead();
    };
    const locks = typeof navigator === 'undefined' ? undefined : navigator.locks;
    if (!locks) {
      lead();
      return;
    }
    locks
      .request(NAME, { signal: end.signal }, () => {
        lead();
        return new Promise<void>((release) => {
          // Held for nobody it would be held for ever.
          if (end.signal.aborted) release();
          else end.signal.addEventListener('abort', () => release());
        });
      })
      .catch(() => {
        // Let go of before it came; or locks are denied, and then each tab is alone.
        lead();
      });
  }

  /** Another tab may lead. */
  yield(): void {
    this.#held = false;
    this.#let?.abort();
    this.#let = undefined;
  }
}
