/** Pictures in front of the page: whose each is, what was said with it, the way to its message, and the file to keep. */
import { Download, MessageSquare } from 'lucide-react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import { downloadUrl, fileUrl, thumbUrl } from '../../lib/media/address';
import { isClear } from '../../lib/media/clear';
import { plainText } from '../../lib/plain';
import { fullTime } from '../../lib/time';
import { nameOf, useChat, useLook } from '../../state';
import { Avatar, IconButton } from '../../ui';
import { Lightbox, type LightboxPicture } from '../../ui/lightbox';
import './media.css';
import { type Picture, thumbOf } from './pictures';

export interface PictureLightboxProps {
  pictures: readonly Picture[];
  /** The file that was pressed; nothing while it is closed. */
  fileId: number | undefined;
  onClose: () => void;
  onJump: (picture: Picture) => void;
  /** One looks at the last of them. */
  onLast?: (() => void) | undefined;
}

export function PictureLightbox({ pictures, fileId, onClose, onJump, onLast }: PictureLightboxProps) {
  const t = useTranslations('media.lightbox');
  const locale = useLocale();
  const clock = useLook((look) => look.clock);
  const users = useChat((chat) => chat.users);
  /** Where one went from the one that was pressed. */
  const [moved, setMoved] = useState<{ from: number; to: number }>();
  const current = moved && moved.from === fileId ? moved.to : fileId;
  const shown = useMemo(() => pictures.map(toShow), [pictures]);
  const picture = pictures.find(({ file }) => file.id === current);
  const close = useCallback(() => {
    setMoved(undefined);
    onClose();
  }, [onClose]);
  // It was taken back while one looked at it.
  const lost = fileId !== undefined && !picture;
  useEffect(() => {
    if (lost) close();
  }, [lost, close]);
  const last = picture !== undefined && picture === pictures.at(-1);
  useEffect(() => {
    if (last) onLast?.();
  }, [last, onLast]);

  const name = picture ? nameOf(users[picture.userId]) || picture.username : '';
  const face = picture && users[picture.userId]?.avatar_url;
  const time = picture ? fullTime(picture.at, locale, clock) : '';
  const words = picture ? plainText(picture.words) : '';

  return (
    <Lightbox
      open={fileId !== undefined && picture !== undefined}
      onClose={close}
      title={t('title', { name })}
      pictures={shown}
      current={`${current ?? ''}`}
      onCurrent={(key) => fileId !== undefined && setMoved({ from: fileId, to: Number(key) })}
      heading={
        picture && (
          <>
            <Avatar id={picture.userId || picture.username} name={name} size={32} src={face} />
            <span className="lb-of">
              <b dir="auto">{name}</b>
              <time dateTime={picture.at}>{time}</time>
            </span>
          </>
        )
      }
      actions={
        picture && (
          <>
            <IconButton
              label={t('toMessage')}
              onClick={() => {
                close();
                onJump(picture);
              }}
            >
              <MessageSquare />
            </IconButton>
            <a
              className="ui-icon-button"
              href={downloadUrl(picture.file.id)}
              download={picture.file.file_name}
              aria-label={t('download')}
              data-tip={t('download')}
            >
              <Download />
            </a>
          </>
        )
      }
      caption={words && <p dir="auto">{words}</p>}
    />
  );
}

function toShow({ file }: Picture): LightboxPicture {
  const thumb = thumbOf(file, 1024);
  return {
    key: `${file.id}`,
    src: fileUrl(file.id),
    thumb: thumb === undefined ? undefined : thumbUrl(file.id, thumb),
    width: file.width,
    height: file.height,
    alt: file.file_name,
    clear: isClear(file.placeholder),
  };
}
