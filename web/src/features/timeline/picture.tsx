/** A picture of a message, in a box of its own size: first its placeholder, then a thumb as large as is looked at. */
import { ImageOff } from 'lucide-react';
import { type CSSProperties, type MouseEvent, type MouseEventHandler, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Attachment } from '../../gen/wire';
import { isClear } from '../../lib/media/clear';
import type { OwnUpload } from '../../state';
import { IconButton, Progress } from '../../ui';
import { Placeholder } from '../../ui/placeholder';

interface PictureProps {
  name: string;
  file?: Attachment | undefined;
  upload?: OwnUpload | undefined;
  /** It has the row for itself, and keeps its shape. */
  alone: boolean;
  onOpen(file: Attachment): MouseEventHandler<HTMLElement>;
}

/** At most, on a screen that has the room. */
const WIDEST = 420;
const HIGHEST = 340;
/** Smaller than this nobody could hit it. */
const SMALLEST = 72;
/** Side of a picture beside others, on a screen. */
const TILE = 220;

export function Picture({ name, file, upload, alone, onOpen }: PictureProps) {
  const t = useTranslations('files');
  const [seen, setSeen] = useState(false);
  const [tries, setTries] = useState(0);
  const [missing, setMissing] = useState(false);
  const width = file?.width ?? upload?.width;
  const height = file?.height ?? upload?.height;
  const box = alone ? boxOf(width, height) : undefined;
  const own = upload?.preview;
  const source = own ?? (file && `/api/files/${file.id}`);
  const sources = own || !file ? {} : thumbsOf(file, box?.width ?? TILE);
  const picture = source && !missing && (
    <img
      key={tries}
      {...sources}
      src={sources.src ?? source}
      alt={name}
      decoding="async"
      data-seen={seen || undefined}
      onLoad={() => setSeen(true)}
      onError={() => setMissing(true)}
    />
  );
  const underway = upload && upload.state !== 'done' && upload.state !== 'failed';
  return (
    <div
      className="at-picture"
      data-testid="picture"
      data-clear={isClear(file?.placeholder) || undefined}
      data-small={(box && Math.max(width ?? 0, height ?? 0) < box.width) || undefined}
      style={box && ({ '--at-width': `${box.width}px`, aspectRatio: box.ratio } as CSSProperties)}
    >
      {file?.placeholder && !own && !seen && <Placeholder hash={file.placeholder} />}
      {file ? (
        <a
          href={`/api/files/${file.id}`}
          target="_blank"
          rel="noopener"
          aria-label={t('open', { name })}
          onClick={onOpen(file)}
        >
          {picture}
        </a>
      ) : (
        picture
      )}
      {missing && (
        <IconButton
          className="at-missing"
          label={t('missing', { name })}
          onClick={(event: MouseEvent) => {
            event.preventDefault();
            setMissing(false);
            setTries(tries + 1);
          }}
        >
          <ImageOff size={22} />
        </IconButton>
      )}
      {underway && (
        <Progress label={t('progress', { name })} value={upload.sent} max={Math.max(1, upload.content.size)} />
      )}
    </div>
  );
}

/** Where nothing is known of it, as most pictures are. */
export function boxOf(width = 4, height = 3): { width: number; ratio: number } {
  const known = width > 0 && height > 0 && !(width === 4 && height === 3);
  const scale = known ? Math.min(1, WIDEST / width, HIGHEST / height) : Math.min(WIDEST / 4, HIGHEST / 3);
  const wide = Math.max(SMALLEST, Math.round(width * scale));
  const high = Math.max(SMALLEST, Math.round(height * scale));
  return { width: wide, ratio: wide / high };
}

/** What a browser may choose from, by the pixels of this screen; what moves is taken as it is. */
export function thumbsOf(
  { id, width, height, thumbs, file_type }: Attachment,
  wide: number,
): { src?: string; srcSet?: string; sizes?: string } {
  if (file_type === 'image/gif' || thumbs.length === 0 || !width || !height) return {};
  const shape = Math.min(1, width / height);
  const choices = thumbs.map((size): [string, number] => [`/api/files/${id}?thumb=${size}`, Math.round(size * shape)]);
  const largest = Math.max(...thumbs);
  if (Math.max(width, height) > largest && largest < 1024) choices.push([`/api/files/${id}`, width]);
  const srcSet = choices.map(([address, pixels]) => `${address} ${pixels}w`).join(', ');
  return { src: `/api/files/${id}?thumb=${largest}`, srcSet, sizes: `${wide}px` };
}
