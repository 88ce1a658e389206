/**
 * Takes the files of this page to the server from the first one on, those that a former page left too, and asks before the page is
 * left with some of them.
 */
import { filmOf } from '../features/media/film';
import { http } from '../net';
import { Claims } from '../net/claims';
import { FILE_LOST, KeptUploads } from '../net/kept-uploads';
import { steps } from '../net/live';
import { tus } from '../net/tus';
import { UploadLine } from '../net/uploads';
import {
  type OwnUpload,
  type Place,
  type Send,
  type SendAttachment,
  type Step,
  trayOf,
  useConnection,
  useSession,
  useSteps,
  useUploads,
} from '../state';
import { addUploads, changeUploads, forgetUploads, retryUploads } from '../state/upload-changes';

/** Videos of which a picture is being made. */
const picturing = new Map<string, Promise<void>>();

const line = new UploadLine({
  carrier: tus,
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  alive: http.alive,
  pictured: (upload) => picturing.get(upload),
  uploaded: (upload, file) => {
    for (const { id, attachments } of waitingFor(upload)) {
      steps.amend(id, { attachments: attachments?.map((one) => (one.upload === upload ? { ...one, file } : one)) });
    }
  },
  spoiled: spoil,
});

function waitingFor(upload: string): readonly Send[] {
  return useSteps.getState().sends.filter(({ attachments }) => attachments?.some((one) => one.upload === upload));
}

/** Beyond the end of the page. */
const keptUploads = new KeptUploads({
  claims: new Claims(),
  waitingFor,
  lost: (upload) => {
    // What has come to the server already is not missed.
    const missed = waitingFor(upload).some(({ attachments = [] }) => attachments.some((one) => isMissing(one, upload)));
    if (missed) spoil(upload, FILE_LOST);
  },
  found: (step) => steps.retry(step),
  restored: (upload) => {
    for (const send of waitingFor(upload.id)) seekAgain(send);
    const preview = pictureOf(upload.content);
    if (preview) {
      changeUploads(
        (one) => one.id === upload.id,
        () => ({ preview }),
      );
    }
    void measure({ ...upload, preview });
  },
});

/** Takes up the files that former pages left, and those whose tab is gone. */
export function recover(): Promise<void> {
  const { sends } = useSteps.getState();
  return keptUploads.recover(
    sends.flatMap(({ attachments = [] }) => attachments.flatMap((one) => (one.file ? [] : one.upload))),
  );
}

function isMissing({ upload, file }: SendAttachment, wanted: string): boolean {
  return upload === wanted && !file;
}

/** What waits for a file does not go without it. */
function spoil(upload: string, error: NonNullable<Step['error']>): void {
  for (const { id, state } of waitingFor(upload)) if (state === 'queued') steps.amend(id, { state: 'failed', error });
}

/** What the server says of a file that is not there to be attached. */
const FILE_GONE = 'file_not_found';
/** The bytes of uploads that were whole once, and were looked for since. */
const soughtAgain = new WeakSet<Blob>();

/**
 * The server keeps a file that no message has for a day, and a page may be open for longer. What is gone is taken there again from its
 * bytes, what is not is found; the send waits for it as for any other. Once for each: what is refused then is about something else.
 */
function seekAgain({ id, state, error, attachments }: Send): void {
  if (state !== 'failed' || error?.code !== FILE_GONE) return;
  const sought = new Set<string>();
  for (const one of useUploads.getState().uploads) {
    // Of what another page took there the bytes are not here.
    const isWhole = one.step === id && one.state === 'done' && (one.content.size > 0 || one.file?.file_size === 0);
    if (isWhole && !soughtAgain.has(one.content)) {
      soughtAgain.add(one.content);
      sought.add(one.id);
    }
  }
  if (sought.size === 0) return;
  const waiting = attachments?.map((one) => (sought.has(one.upload) ? { ...one, file: undefined } : one));
  steps.amend(id, { attachments: waiting, state: 'queued', error: undefined });
  changeUploads(
    (one) => sought.has(one.id),
    () => ({ state: 'queued', file: undefined }),
  );
}

/** Sends that the server has, until they leave the list. */
const sent = new Set<string>();

useSteps.subscribe(({ sends }) => {
  const here = new Set(sends.map(({ id }) => id));
  for (const { id, state } of sends) if (state === 'sent') sent.add(id);
  const gone = ({ step }: OwnUpload) => step !== undefined && !here.has(step);
  const done = (one: OwnUpload) => gone(one) && sent.has(one.step ?? '');
  keptUploads.forget(useUploads.getState().uploads.flatMap((one) => (done(one) ? one.id : [])));
  forgetUploads(done);
  changeUploads(gone, () => ({ state: 'dropped' }));
  for (const id of sent) if (!here.has(id)) sent.delete(id);
  // A send that is tried again tries its files again.
  const again = new Set(sends.flatMap(({ id, state }) => (state === 'queued' ? id : [])));
  retryUploads(({ step }) => step !== undefined && again.has(step));
  for (const send of sends) seekAgain(send);
});

useUploads.subscribe(({ uploads }, before) => {
  const shown = new Set(uploads.map(({ preview }) => preview));
  for (const { preview } of before.uploads) if (preview && !shown.has(preview)) URL.revokeObjectURL(preview);
  keptUploads.look(before.uploads);
  line.look();
});

useConnection.subscribe(({ link }, before) => {
  if (link.phase === 'connected' && before.link.phase !== 'connected') line.wake();
});

// What is on its way stops with the page, and what is not kept is gone with it.
window.addEventListener('beforeunload', (event) => {
  const { uploads } = useUploads.getState();
  const isWanted = ({ state }: OwnUpload) => state !== 'failed' && state !== 'dropped';
  if (uploads.some((one) => isWanted(one) && !(one.kept && one.state === 'done'))) event.preventDefault();
});

// Another tab may hold what waits for them: it learns that they will not come.
window.addEventListener('pagehide', ({ persisted }) => {
  if (persisted) return;
  for (const { id, file, kept } of useUploads.getState().uploads) if (!file && !kept) spoil(id, FILE_LOST);
});

/** Puts files into the tray of a place; those that the server would refuse say so before a byte of them went out. */
export function addFiles(place: Place, list: readonly File[]): void {
  const { file_bytes, attachments } = useSession.getState().limits;
  const room = attachments - trayOf(useUploads.getState().uploads, place).filter(({ error }) => !error).length;
  let taken = 0;
  const refused = (file: File) => {
    if (file.size > file_bytes) return 'too_large';
    taken += 1;
    return taken > room ? 'too_many' : undefined;
  };
  const ids = addUploads(
    place,
    list.map((content) => {
      const code = refused(content);
      return {
        name: content.name,
        content,
        preview: pictureOf(content),
        ...(code ? { error: { code, message: '' } } : {}),
      };
    }),
  );
  for (const upload of useUploads.getState().uploads) if (ids.includes(upload.id)) void measure(upload);
}

/** Its address on this page, where it calls itself a picture. */
function pictureOf(content: Blob): string | undefined {
  return content.type.startsWith('image/') ? URL.createObjectURL(content) : undefined;
}

/** How large a picture or a video is, so that its row has the place for it from the first moment. */
async function measure(upload: OwnUpload): Promise<void> {
  const { id, preview } = upload;
  if (!preview) return film(upload);
  const picture = new Image();
  picture.src = preview;
  const seen = await picture.decode().then(
    () => ({ width: picture.naturalWidth, height: picture.naturalHeight }),
    // It only calls itself a picture, or the browser knows none of its kind.
    () => ({ preview: undefined }),
  );
  changeUploads(
    (one) => one.id === id,
    () => seen,
  );
}

/** What others see of a video before they play it only the page can make; it goes up with it. */
async function film({ id, content, poster, error }: OwnUpload): Promise<void> {
  if (!content.type.startsWith('video/') || poster || error) return;
  const made = filmOf(content).then((facts) => {
    picturing.delete(id);
    if (facts) {
      changeUploads(
        (one) => one.id === id,
        () => facts,
      );
    }
  });
  picturing.set(id, made);
  await made;
}
