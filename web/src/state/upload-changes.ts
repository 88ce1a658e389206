/** What becomes of the uploads of this page. It comes with the first of them. */
import { newId } from '../lib/ids';
import { type Place, placeOf } from './place';
import type { Send, Step } from './steps';
import { type OwnUpload, type PickedFile, useUploads } from './uploads';

/** What is done to uploads; nothing is told where nothing changes. */
export function changeUploads(
  which: (upload: OwnUpload) => boolean,
  change: (upload: OwnUpload) => Partial<OwnUpload>,
): void {
  const { uploads } = useUploads.getState();
  if (!uploads.some(which)) return;
  useUploads.setState({ uploads: uploads.map((one) => (which(one) ? { ...one, ...change(one) } : one)) });
}

export function forgetUploads(which: (upload: OwnUpload) => boolean): void {
  const { uploads } = useUploads.getState();
  const left = uploads.filter((one) => !which(one));
  if (left.length !== uploads.length) useUploads.setState({ uploads: left });
}

/** Puts files into the tray of a place. One that is refused already says why. */
export function addUploads(
  place: Place,
  files: readonly (PickedFile & { readonly error?: Step['error'] })[],
): readonly string[] {
  const added = files.map(
    (file): OwnUpload => ({ ...file, id: newId(), place, state: file.error ? 'failed' : 'queued', sent: 0 }),
  );
  useUploads.setState(({ uploads }) => ({ uploads: [...uploads, ...added] }));
  return added.map(({ id }) => id);
}

/** A send is taken back into the box: so are its files. What another page had is not here any more. */
export function releaseUploads({ id, room_id, thread, attachments = [] }: Send): void {
  const place = placeOf(room_id, thread);
  changeUploads(
    (one) => one.step === id,
    () => ({ step: undefined }),
  );
  const here = new Set(useUploads.getState().uploads.map((one) => one.id));
  const back = attachments.flatMap(({ upload, name, file }): OwnUpload[] =>
    file && !here.has(upload)
      ? [{ id: upload, place, name, content: new Blob(), state: 'done', sent: file.file_size, file }]
      : [],
  );
  if (back.length > 0) useUploads.setState(({ uploads }) => ({ uploads: [...uploads, ...back] }));
}

/** Another try, of one or of all that go with a send. */
export function retryUploads(which: (upload: OwnUpload) => boolean): void {
  changeUploads(
    (one) => one.state === 'failed' && which(one),
    () => ({ state: 'queued', error: undefined }),
  );
}

export function dropUpload(id: string): void {
  changeUploads(
    (one) => one.id === id,
    () => ({ state: 'dropped' }),
  );
}
