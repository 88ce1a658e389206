/** Takes the files of this page to the server from the first one on, and asks before the page is left with some of them. */
import { http } from '../net';
import { steps } from '../net/live';
import { FILE_LOST } from '../net/queue';
import { tus } from '../net/tus';
import { UploadLine } from '../net/uploads';
import {
  type OwnUpload,
  type Place,
  type Send,
  type Step,
  trayOf,
  useConnection,
  useSession,
  useSteps,
  useUploads,
} from '../state';
import { addUploads, changeUploads, forgetUploads, retryUploads } from '../state/upload-changes';

const line = new UploadLine({
  carrier: tus,
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  alive: http.alive,
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

/** What waits for a file does not go without it. */
function spoil(upload: string, error: NonNullable<Step['error']>): void {
  for (const { id, state } of waitingFor(upload)) if (state === 'queued') steps.amend(id, { state: 'failed', error });
}

/** Sends that the server has, until they leave the list. */
const sent = new Set<string>();

useSteps.subscribe(({ sends }) => {
  const here = new Set(sends.map(({ id }) => id));
  for (const { id, state } of sends) if (state === 'sent') sent.add(id);
  const gone = ({ step }: OwnUpload) => step !== undefined && !here.has(step);
  forgetUploads((one) => gone(one) && sent.has(one.step ?? ''));
  changeUploads(gone, () => ({ state: 'dropped' }));
  for (const id of sent) if (!here.has(id)) sent.delete(id);
  // A send that is tried again tries its files again.
  const again = new Set(sends.flatMap(({ id, state }) => (state === 'queued' ? id : [])));
  retryUploads(({ step }) => step !== undefined && again.has(step));
});

useUploads.subscribe(({ uploads }, before) => {
  const shown = new Set(uploads.map(({ preview }) => preview));
  for (const { preview } of before.uploads) if (preview && !shown.has(preview)) URL.revokeObjectURL(preview);
  line.look();
});

useConnection.subscribe(({ link }, before) => {
  if (link.phase === 'connected' && before.link.phase !== 'connected') line.wake();
});

window.addEventListener('beforeunload', (event) => {
  if (useUploads.getState().uploads.some(({ state }) => state !== 'failed' && state !== 'dropped')) {
    event.preventDefault();
  }
});

// Another tab may hold what waits for them: it learns that they will not come.
window.addEventListener('pagehide', ({ persisted }) => {
  if (persisted) return;
  for (const { id, file } of useUploads.getState().uploads) if (!file) spoil(id, FILE_LOST);
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
      const preview = content.type.startsWith('image/') ? URL.createObjectURL(content) : undefined;
      return { name: content.name, content, preview, ...(code ? { error: { code, message: '' } } : {}) };
    }),
  );
  for (const upload of useUploads.getState().uploads) if (ids.includes(upload.id)) void measure(upload);
}

/** How large a picture is, so that its row has the place for it from the first moment. */
async function measure({ id, preview }: OwnUpload): Promise<void> {
  if (!preview) return;
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
