/** The files of a message: pictures side by side, what plays, and a row for everything else. They have their size before they come. */
import { Download, X } from 'lucide-react';
import type { ComponentType, CSSProperties, MouseEvent } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import type { Attachment, Message } from '../../gen/wire';
import { byteSize } from '../../lib/bytes';
import { fileSuffix } from '../../lib/file-kind';
import { filmBox } from '../../lib/media/film-box';
import { discardStep } from '../../net';
import { type OwnUpload, placeOf, type Send, toDraft, useUploads } from '../../state';
import { Button, Progress } from '../../ui';
import { FileIcon } from '../../ui/file-icon';
import { useBlobUrl } from '../../ui/use-blob-url';
import type { FilesProps } from './files';
import { Picture } from './picture';
import './attachments.css';

export interface MediaProps {
  file: Attachment;
  message: Message;
}

/** What plays and enlarges files, handed in by `app/`; without it the browser's own does. */
export interface MediaParts {
  readonly Audio?: ComponentType<MediaProps>;
  readonly Video?: ComponentType<MediaProps>;
  /** Looks at a picture of a message; `from` gets the focus back. */
  onOpen?(message: Message, file: Attachment, from: Element): void;
}

/** A file of a message, or one that is going to be. */
interface Piece {
  readonly key: string | number;
  readonly name: string;
  readonly size: number;
  readonly file?: Attachment | undefined;
  readonly upload?: OwnUpload | undefined;
  /** It was here, and will not come. */
  readonly lost?: boolean;
}

export interface AttachmentsProps extends FilesProps {
  media?: MediaParts;
}

const NO_MEDIA: MediaParts = {};

export function Attachments({ message, sending, media = NO_MEDIA }: AttachmentsProps) {
  const t = useTranslations('files');
  const uploads = useUploads((state) => state.uploads);
  const pieces = sending ? piecesOfSend(sending, uploads) : message.attachments.map(pieceOf);
  const pictures = pieces.filter(isPicture);
  const rest = pieces.filter((piece) => !isPicture(piece));
  const onOpen = (file: Attachment) => (event: MouseEvent<HTMLElement>) => {
    if (!media.onOpen || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    media.onOpen(message, file, event.currentTarget);
  };
  return (
    <div className="at" data-testid="attachments">
      {pictures.length > 0 && (
        <div className="at-pictures" data-count={Math.min(5, pictures.length)} data-over={pictures.length % 3}>
          {pictures.map(({ key, name, file, upload }) => (
            <Picture key={key} name={name} file={file} upload={upload} alone={pictures.length === 1} onOpen={onOpen} />
          ))}
        </div>
      )}
      {rest.map((piece) => (
        <Other key={piece.key} piece={piece} message={message} media={media} />
      ))}
      {sending && sending.state !== 'failed' && sending.attachments?.some(({ file }) => !file) && (
        <Button size="small" variant="plain" icon={<X size={14} />} onClick={() => cancel(sending)}>
          {t('cancel')}
        </Button>
      )}
    </div>
  );
}

/** What was written with the files goes back into the box. */
function cancel({ id, room_id, thread, content: text, reply_to: reply }: Send): void {
  if (discardStep(id) && text !== '') toDraft(placeOf(room_id, thread), { type: 'took_back', text, reply });
}

function pieceOf(file: Attachment): Piece {
  return { key: file.id, name: file.file_name, size: file.file_size, file };
}

/** While it waits, another tab may carry what is not here. */
function piecesOfSend({ attachments = [], state }: Send, uploads: readonly OwnUpload[]): readonly Piece[] {
  return attachments.map(({ upload: key, name, size, file }) => {
    const upload = uploads.find(({ id }) => id === key);
    return { key, name, size, file, upload, lost: state === 'failed' && !file && !upload };
  });
}

function isPicture({ file, upload }: Piece): boolean {
  return upload?.preview !== undefined || file?.category === 'image';
}

function Other({ piece, message, media }: { piece: Piece; message: Message; media: MediaParts }) {
  const { file, upload } = piece;
  if (upload?.width && upload.state !== 'failed') return <ComingFilm upload={upload} />;
  if (!file || upload) return <FileRow piece={piece} />;
  if (file.category === 'video')
    return media.Video ? <media.Video file={file} message={message} /> : <Film file={file} />;
  if (file.category === 'audio') {
    return media.Audio ? (
      <media.Audio file={file} message={message} />
    ) : (
      <FileRow piece={piece}>
        {/* biome-ignore lint/a11y/useMediaCaption: what people recorded has no captions */}
        <audio controls preload="none" src={`/api/files/${file.id}`} />
      </FileRow>
    );
  }
  return <FileRow piece={piece} />;
}

/** A video on its way, in the place that it will have. */
function ComingFilm({ upload: { name, content, sent, state, poster, width, height } }: { upload: OwnUpload }) {
  const t = useTranslations('files');
  const src = useBlobUrl(poster);
  const box = filmBox(width, height);
  const style = { '--at-width': `${box.width}px`, aspectRatio: box.shape };
  return (
    <div className="at-picture at-coming" data-testid="coming-film" style={style as CSSProperties}>
      {src && <img src={src} alt={name} />}
      {state !== 'done' && <Progress label={t('progress', { name })} value={sent} max={Math.max(1, content.size)} />}
    </div>
  );
}

function Film({ file: { id, file_name, width, height, thumbs } }: { file: Attachment }) {
  const poster = thumbs.length > 0 ? `/api/files/${id}?thumb=${Math.max(...thumbs)}` : undefined;
  return (
    // biome-ignore lint/a11y/useMediaCaption: what people recorded has no captions
    <video
      className="at-film"
      controls
      preload="none"
      aria-label={file_name}
      src={`/api/files/${id}`}
      poster={poster}
      style={{ aspectRatio: (width || 16) / (height || 9) }}
    />
  );
}

function FileRow({ piece, children }: { piece: Piece; children?: React.ReactNode }) {
  const t = useTranslations('files');
  const locale = useLocale();
  const { name, size, file, upload, lost } = piece;
  const underway = upload && upload.state !== 'done' && upload.state !== 'failed';
  const what = (
    <>
      <span className="at-face">
        <FileIcon mediaType={file?.file_type ?? upload?.content.type ?? ''} />
      </span>
      <span className="at-words">
        <bdi data-tip={name}>{name}</bdi>
        <small>{lost ? t('lost') : [fileSuffix(name), byteSize(size, locale)].filter(Boolean).join(' · ')}</small>
      </span>
    </>
  );
  return (
    <div className="at-file" data-testid="file" data-lost={lost || undefined}>
      {file ? (
        <a className="at-what" href={`/api/files/${file.id}`} target="_blank" rel="noopener">
          {what}
        </a>
      ) : (
        <span className="at-what">{what}</span>
      )}
      {file && (
        <a
          className="at-get"
          href={`/api/files/${file.id}/download`}
          download={name}
          aria-label={t('download', { name })}
          data-tip={t('download', { name })}
        >
          <Download size={18} aria-hidden="true" />
        </a>
      )}
      {underway && <Progress label={t('progress', { name })} value={upload.sent} max={Math.max(1, size)} />}
      {children}
    </div>
  );
}
