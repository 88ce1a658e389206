/**
 * The uploads of this page beyond its end: kept on the disk until they are sent or thrown away, and taken up again by the next page,
 * or by the tab beside it where their message waits. It takes no byte to the server, and what it takes up it only puts into the list.
 */
import { type OwnUpload, type Send, type Step, useSession, useUploads } from '../state';
import { changeUploads } from '../state/upload-changes';
import type { Claims } from './claims';
import { type Left, uploadDisk } from './upload-disk';

export interface KeptDeps {
  readonly claims: Pick<Claims, 'hold' | 'take' | 'drop'>;
  /** The sends that go with it. */
  waitingFor(upload: string): readonly Send[];
  /** It will not come. */
  lost(upload: string): void;
  /** All that this send lacked is here again. */
  found(step: string): void;
  /** It stands in the list. */
  restored(upload: OwnUpload): void;
}

/** What a send says that waits for a file that is gone. */
export const FILE_LOST: NonNullable<Step['error']> = { code: 'file_lost', message: '' };
/** So long the tab of a reload may take to let go of what stood in its tray. */
const PARTING_MS = 3000;

export class KeptUploads {
  readonly #deps: KeptDeps;
  /** Those that this tab gave to the disk, or has from it. */
  readonly #mine = new Set<string>();
  /** Those of former pages that are being asked for. */
  readonly #sought = new Set<string>();

  constructor(deps: KeptDeps) {
    this.#deps = deps;
  }

  /** Keeps what is new or moved, and lets go of what is gone. Called at each change of the list. */
  look(before: readonly OwnUpload[]): void {
    const { uploads } = useUploads.getState();
    for (const upload of uploads) {
      const { id, state, step, address } = upload;
      if (!this.#mine.has(id)) {
        if (state === 'queued') void this.#keep(upload);
      } else if (state === 'dropped') void uploadDisk.remove(id);
      else {
        const was = before.find((one) => one.id === id);
        if (was && (was.step !== step || was.address !== address)) void uploadDisk.note(upload);
      }
    }
    for (const id of this.#mine) {
      if (uploads.some((one) => one.id === id)) continue;
      this.#mine.delete(id);
      this.#deps.claims.drop(id);
    }
  }

  /** They went with their message. */
  forget(ids: readonly string[]): void {
    for (const id of ids) void uploadDisk.remove(id);
  }

  /** Takes up what is on the disk and carried by no other tab, and says what is nowhere of these. */
  async recover(wanted: readonly string[]): Promise<void> {
    const ids = new Set([...(await uploadDisk.list()), ...wanted]);
    await Promise.all([...ids].map((id) => this.#seek(id)));
  }

  async #keep(upload: OwnUpload): Promise<void> {
    const { id } = upload;
    this.#mine.add(id);
    this.#deps.claims.hold(id);
    const kept = await uploadDisk.keep(upload);
    if (kept !== undefined) changeUploads(is(id), () => ({ kept }));
  }

  async #seek(id: string): Promise<void> {
    if (this.#sought.has(id) || isHere(id)) return;
    this.#sought.add(id);
    // A message is anybody's to take along. What only stands in a tray shall stand in that tab again, if it comes back.
    const bound = this.#deps.waitingFor(id).length > 0 ? undefined : AbortSignal.timeout(PARTING_MS);
    if (await this.#deps.claims.take(id, bound)) await this.#takeUp(id);
    this.#sought.delete(id);
  }

  async #takeUp(id: string): Promise<void> {
    const left = await uploadDisk.find(id);
    const send = this.#deps.waitingFor(id).find(({ state }) => state !== 'sent');
    const isWanted = left && (send !== undefined || left.upload.step === undefined);
    const isOver = left === null || (left?.isOver === true && !send);
    if (isWanted && useSession.getState().status === 'active' && !isHere(id)) {
      this.#put(left, send);
      return;
    }
    this.#deps.claims.drop(id);
    if (!left) this.#deps.lost(id);
    if (isOver) await uploadDisk.remove(id);
  }

  #put({ upload, bytes }: Left, send: Send | undefined): void {
    const { size: _size, ...saved } = upload;
    const { id } = upload;
    const file = send?.attachments?.find((one) => one.upload === id)?.file;
    const wasLost = send?.error?.code === FILE_LOST.code;
    // What was refused waits until somebody wants it tried again.
    const error = send?.state === 'failed' && !wasLost && !file ? send.error : undefined;
    const restored: OwnUpload = {
      ...saved,
      content: bytes.content,
      poster: bytes.poster,
      step: send?.id,
      state: file ? 'done' : error ? 'failed' : 'queued',
      sent: file ? bytes.content.size : 0,
      file,
      error,
      kept: true,
    };
    this.#mine.add(id);
    // Their ids are in the order they came.
    useUploads.setState(({ uploads }) => ({
      uploads: [...uploads, restored].sort((a, b) => (a.id < b.id ? -1 : 1)),
    }));
    this.#deps.restored(restored);
    if (wasLost && send.attachments?.every((one) => one.file || isHere(one.upload))) this.#deps.found(send.id);
  }
}

const is = (id: string) => (one: OwnUpload) => one.id === id;
const isHere = (id: string) => useUploads.getState().uploads.some(is(id));
