/** One file of a list that is no picture: what it is, whose, since when, the way to its message, and the file to keep. */
import { Download, MessageSquare } from 'lucide-react';
import { type ComponentType, memo } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import type { FileRow } from '../../gen/wire';
import { byteSize } from '../../lib/bytes';
import { fileSuffix } from '../../lib/file-kind';
import { downloadUrl, fileUrl, thumbUrl } from '../../lib/media/address';
import { clockText } from '../../lib/media/clock';
import { IconButton } from '../../ui';
import { FileIcon } from '../../ui/file-icon';
import { useSaid } from './said';

export const ListedFile = memo(function ListedFile({
  file,
  placed,
  Audio,
  onJump,
}: {
  file: FileRow;
  /** Its room is told, too. */
  placed: boolean;
  Audio: ComponentType<{ file: FileRow }>;
  onJump(file: FileRow): void;
}) {
  const t = useTranslations('fileList');
  const locale = useLocale();
  const { person, time, room } = useSaid(file);
  const { id, file_name: name } = file;
  const poster = file.thumbs.length > 0 ? Math.min(...file.thumbs) : undefined;
  const facts = [fileSuffix(name), byteSize(file.file_size, locale), file.duration && clockText(file.duration)];
  return (
    <div className="fl-file" data-testid="listed-file">
      <a className="fl-open" href={fileUrl(id)} target="_blank" rel="noopener">
        <span className="fl-face">
          {poster === undefined ? (
            <FileIcon mediaType={file.file_type} />
          ) : (
            <img src={thumbUrl(id, poster)} alt="" decoding="async" />
          )}
        </span>
        <span className="fl-words">
          <bdi>{name}</bdi>
          <small>{facts.filter(Boolean).join(' · ')}</small>
          <small>
            <bdi>{person}</bdi> · {time}
            {placed && room !== '' && (
              <>
                {' · '}
                <bdi>{room}</bdi>
              </>
            )}
          </small>
        </span>
      </a>
      <IconButton size="small" label={t('toMessage', { name })} onClick={() => onJump(file)}>
        <MessageSquare size={16} />
      </IconButton>
      <a
        className="ui-icon-button fl-get"
        href={downloadUrl(id)}
        download={name}
        aria-label={t('download', { name })}
        data-tip={t('download', { name })}
      >
        <Download size={16} aria-hidden="true" />
      </a>
      {file.category === 'audio' && (
        <div className="fl-sound">
          <Audio file={file} />
        </div>
      )}
    </div>
  );
});
