/** One picture of a list: pressed, it is enlarged. */
import { ImageOff } from 'lucide-react';
import { memo, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { FileRow } from '../../gen/wire';
import { fileUrl, thumbUrl } from '../../lib/media/address';
import { isClear } from '../../lib/media/clear';
import { Placeholder } from '../../ui/placeholder';
import { useSaid } from './said';

export const ListedPicture = memo(function ListedPicture({
  file,
  placed,
  onOpen,
}: {
  file: FileRow;
  /** Its room is told, too. */
  placed: boolean;
  onOpen(file: FileRow): void;
}) {
  const t = useTranslations('fileList');
  const { person, time, room } = useSaid(file);
  const [seen, setSeen] = useState(false);
  const [missing, setMissing] = useState(false);
  const thumb = file.thumbs.length > 0 ? Math.min(...file.thumbs) : undefined;
  return (
    <div className="fl-picture" data-testid="listed-picture">
      <button
        type="button"
        data-clear={isClear(file.placeholder) || undefined}
        aria-label={t('picture', { name: file.file_name, person, time })}
        data-tip={`${person} · ${time}`}
        onClick={() => onOpen(file)}
      >
        {file.placeholder && !seen && <Placeholder hash={file.placeholder} />}
        {missing ? (
          <ImageOff aria-hidden="true" />
        ) : (
          <img
            src={thumb === undefined ? fileUrl(file.id) : thumbUrl(file.id, thumb)}
            alt=""
            decoding="async"
            data-seen={seen || undefined}
            onLoad={() => setSeen(true)}
            onError={() => setMissing(true)}
          />
        )}
      </button>
      {placed && <small dir="auto">{room}</small>}
    </div>
  );
});
