/**
 * Which tab of this browser carries which file: at most one, and when it goes another may. Where the browser has no locks (a page
 * over plain HTTP from elsewhere) the others are asked, and silence means that nobody does. What is carried twice by that is sent
 * once: both go on with one upload, or their message goes by one id.
 */

type Word = { readonly asks: string } | { readonly carries: string };

const NAME = 'chinwag.files';
/** So long the others may take to say that they do. */
const ANSWER_MS = 500;

export class Claims {
  /** What this tab carries, or wants to; with the way to let go of it. */
  readonly #mine = new Map<string, AbortController>();
  /** Whom it matters to that another tab carries a file. */
  readonly #asked = new Map<string, () => void>();
  readonly #locks: LockManager | null;
  #channel: BroadcastChannel | undefined;

  constructor(locks = typeof navigator === 'undefined' ? null : (navigator.locks ?? null)) {
    this.#locks = locks;
    if (!locks) this.#listen();
  }

  /** A file that nobody else can know of. */
  hold(id: string): void {
    const end = this.#begin(id);
    if (this.#locks) void lock(this.#locks, id, end);
  }

  /**
   * True once this tab alone carries it, which without a bound is waited for as long as another does; false where it still did when
   * the bound came.
   */
  async take(id: string, bound?: AbortSignal): Promise<boolean> {
    const end = this.#begin(id);
    const letGo = () => this.drop(id);
    bound?.addEventListener('abort', letGo);
    const taken = await (this.#locks ? lock(this.#locks, id, end) : this.#isFree(id));
    bound?.removeEventListener('abort', letGo);
    if (taken && !end.aborted) return true;
    if (!end.aborted) this.drop(id);
    return false;
  }

  /** Another tab may have it. */
  drop(id: string): void {
    this.#mine.get(id)?.abort();
    this.#mine.delete(id);
  }

  #begin(id: string): AbortSignal {
    const end = new AbortController();
    this.#mine.set(id, end);
    return end.signal;
  }

  #listen(): void {
    try {
      this.#channel = new BroadcastChannel(NAME);
      this.#channel.onmessage = ({ data }: MessageEvent<Word>) => {
        if ('carries' in data) this.#asked.get(data.carries)?.();
        else if (this.#mine.has(data.asks) && !this.#asked.has(data.asks)) this.#tell({ carries: data.asks });
      };
    } catch {
      // Storage is denied, and this with it: each tab is alone.
    }
  }

  #tell(word: Word): void {
    this.#channel?.postMessage(word);
  }

  #isFree(id: string): Promise<boolean> {
    return new Promise((answer) => {
      const end = (free: boolean) => {
        clearTimeout(timer);
        this.#asked.delete(id);
        answer(free);
      };
      const timer = setTimeout(() => end(true), ANSWER_MS);
      this.#asked.set(id, () => end(false));
      this.#tell({ asks: id });
    });
  }
}

/** True once it is held; it is held until `end`. */
function lock(locks: LockManager, id: string, end: AbortSignal): Promise<boolean> {
  return new Promise((answer) => {
    locks
      .request(`${NAME} ${id}`, { signal: end }, () => {
        answer(true);
        return new Promise<void>((release) => {
          if (end.aborted) release();
          else end.addEventListener('abort', () => release());
        });
      })
      .catch(() => answer(!end.aborted));
  });
}
