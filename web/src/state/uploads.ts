/**
 * The files that this page takes to the server, as data for the views: in the tray of a place, or with a send that waits for them.
 * `net/uploads` takes them there, `net/kept-uploads` keeps them for the next page.
 */
import { create } from 'zustand';
import type { Attachment } from '../gen/wire';
import type { Place } from './place';
import type { SendAttachment, Step } from './steps';

/** A file as somebody chose it. */
export interface PickedFile {
  readonly name: string;
  readonly content: Blob;
  /** Address of its picture on this page. */
  readonly preview?: string | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** In seconds. */
  readonly duration?: number | undefined;
  readonly waveform?: readonly number[] | undefined;
  /** The picture of a video. */
  readonly poster?: Blob | undefined;
}

export interface OwnUpload extends PickedFile {
  /** Its name here, not the server's. */
  readonly id: string;
  readonly place: Place;
  /** The send it goes with; without one it stands in the tray of its place. */
  readonly step?: string | undefined;
  /** `paused`: it waits for the line. `dropped`: nobody wants it any more. */
  readonly state: 'queued' | 'sending' | 'paused' | 'done' | 'failed' | 'dropped';
  /** Bytes of it that went out. */
  readonly sent: number;
  readonly error?: Step['error'];
  /** Where the server keeps it, once it was begun. */
  readonly address?: string | undefined;
  /** On the disk: it survives the page. False: there was no room for it. Neither: nobody knows, or nothing is kept here. */
  readonly kept?: boolean | undefined;
  /** Once it is whole. */
  readonly file?: Attachment | undefined;
}

export interface UploadsState {
  readonly uploads: readonly OwnUpload[];
}

export const useUploads = create<UploadsState>(() => ({ uploads: [] }));

/** Those that stand above the box one writes in. */
export function trayOf(uploads: readonly OwnUpload[], place: Place): readonly OwnUpload[] {
  return uploads.filter((one) => one.place === place && !one.step && one.state !== 'dropped');
}

/** How many of the tray a message would take with it: what was refused stays where it is. */
export function countReady(uploads: readonly OwnUpload[], place: Place): number {
  return trayOf(uploads, place).filter(isGood).length;
}

const isGood = ({ state }: OwnUpload) => state !== 'failed';

/** A send takes what is in the tray with it, or only these. */
export function claimUploads(place: Place, step: string, only?: readonly string[]): readonly SendAttachment[] {
  const taken = trayOf(useUploads.getState().uploads, place).filter(
    (one) => isGood(one) && (only?.includes(one.id) ?? true),
  );
  useUploads.setState(({ uploads }) => ({
    uploads: uploads.map((one) => (taken.includes(one) ? { ...one, step } : one)),
  }));
  return taken.map(({ id, name, content, file }) => ({ upload: id, name, size: content.size, ...(file && { file }) }));
}
