/** Sees to it that files whose page is gone are carried on. What carries them is fetched only where there are some. */
import { uploadDisk } from '../net/upload-disk';
import { isUploading, useConnection, useSteps, useUploads } from '../state';
import { lazyCode } from '../ui';

const carrying = lazyCode(() => import('./carry-files'), { onlyOnDemand: true });

/** Uploads that sends wait for and that were asked for. */
const asked = new Set<string>();
/** What former pages of this account left was looked for. */
let looked = false;

export function followFiles(): void {
  useConnection.subscribe(look);
  useSteps.subscribe(look);
  look();
}

function look(): void {
  const { phase } = useConnection.getState().link;
  // Before that it is not certain whose files these are.
  if (phase === 'idle' || phase === 'ended') {
    looked = false;
    asked.clear();
    return;
  }
  const here = new Set(useUploads.getState().uploads.map(({ id }) => id));
  const missed = useSteps
    .getState()
    .sends.filter(isUploading)
    .flatMap(({ attachments = [] }) => attachments.flatMap(({ upload, file }) => (file ? [] : upload)))
    .filter((upload) => !here.has(upload) && !asked.has(upload));
  if (looked && missed.length === 0) return;
  for (const upload of missed) asked.add(upload);
  void follow(missed.length > 0 || looked);
  looked = true;
}

/** `certainly`: there is something to take up. */
async function follow(certainly: boolean): Promise<void> {
  if (!certainly && (await uploadDisk.list()).length === 0) return;
  await carrying().then(
    ({ recover }) => recover(),
    () => {
      // Its code did not come: with the next change there is another try.
      looked = false;
      asked.clear();
    },
  );
}
