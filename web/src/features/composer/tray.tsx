/** The files that go with the next message of a place: how far each is on its way, and what can be done about it. */
import { RotateCw, X } from 'lucide-react';
import { useLocale, useTranslations } from 'use-intl';
import { byteSize } from '../../lib/bytes';
import { countReady, type OwnUpload, type Place, trayOf, useSession, useUploads } from '../../state';
import { changeUploads, dropUpload, retryUploads } from '../../state/upload-changes';
import { IconButton, Progress, useRefusals } from '../../ui';
import { FileIcon } from '../../ui/file-icon';
import { useBlobUrl } from '../../ui/use-blob-url';
import './tray.css';

export function Tray({ place }: { place: Place }) {
  const t = useTranslations('files');
  const uploads = useUploads((state) => state.uploads);
  const most = useSession((session) => session.limits.attachments);
  const full = countReady(uploads, place) >= most;
  return (
    <ul className="cp-tray" data-testid="tray" aria-label={t('tray')}>
      {trayOf(uploads, place).map((upload) => (
        <TrayFile key={upload.id} upload={upload} full={full} />
      ))}
    </ul>
  );
}

/** What a second try would not change is not tried again. */
function mayRetry({ state, error }: OwnUpload, full: boolean): boolean {
  return state === 'failed' && error?.code !== 'too_large' && !(full && error?.code === 'too_many');
}

function TrayFile({ upload, full }: { upload: OwnUpload; full: boolean }) {
  const t = useTranslations('files');
  const { id, name, content, poster, state, file } = upload;
  const still = useBlobUrl(poster);
  const preview = upload.preview ?? still;
  const underway = state === 'queued' || state === 'sending' || state === 'paused';
  return (
    <li className="cp-file" data-testid="tray-file" data-state={state}>
      <span className="cp-face">
        {preview ? (
          <img
            src={preview}
            alt=""
            draggable={false}
            onError={() =>
              changeUploads(
                (one) => one.id === id,
                () => ({ preview: undefined }),
              )
            }
          />
        ) : (
          <FileIcon mediaType={file?.file_type ?? content.type} />
        )}
      </span>
      <span className="cp-file-words">
        <bdi data-tip={name}>{name}</bdi>
        <TrayState upload={upload} />
        {upload.kept === false && <small className="cp-fleeting">{t('fleeting')}</small>}
      </span>
      {mayRetry(upload, full) && (
        <IconButton size="small" label={t('retry', { name })} onClick={() => retryUploads((one) => one.id === id)}>
          <RotateCw size={15} />
        </IconButton>
      )}
      <IconButton size="small" label={t('remove', { name })} onClick={() => dropUpload(id)}>
        <X size={15} />
      </IconButton>
      {underway && <Progress label={t('progress', { name })} value={upload.sent} max={Math.max(1, content.size)} />}
    </li>
  );
}

function TrayState({ upload: { state, sent, content, file, error } }: { upload: OwnUpload }) {
  const t = useTranslations('files');
  const locale = useLocale();
  const refusals = useRefusals();
  const limits = useSession((session) => session.limits);
  const size = byteSize(file?.file_size ?? content.size, locale);
  if (state === 'failed') {
    const why =
      error?.code === 'too_large'
        ? t('tooLarge', { most: byteSize(limits.file_bytes, locale) })
        : error?.code === 'too_many'
          ? t('tooMany', { most: limits.attachments })
          : error?.code === 'unreadable'
            ? t('unreadable')
            : refusals.say(error?.message ? error : undefined, t('failed'));
    return <small role="alert">{why}</small>;
  }
  if (state === 'paused') return <small>{t('paused')}</small>;
  if (state === 'done') return <small>{size}</small>;
  return <small>{t('sent', { percent: Math.floor((100 * sent) / Math.max(1, content.size)), size })}</small>;
}
