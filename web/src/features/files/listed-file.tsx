/** One file of a list that is no picture: what it is, whose, since when, the way to its message, and the file to keep. */
import { Download, MessageSquare, Mic, Play } from 'lucide-react';
import { memo, useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import type { FileRow } from '../../gen/wire';
import { byteSize } from '../../lib/bytes';
import { fileSuffix } from '../../lib/file-kind';
import { downloadUrl, fileUrl, thumbUrl } from '../../lib/media/address';
import { clockText } from '../../lib/media/clock';
import { recordedAs } from '../../lib/media/formats';
import { IconButton } from '../../ui';
import { FileIcon } from '../../ui/file-icon';
import type { FileParts } from './parts';
import { useSaid } from './said';

export const ListedFile = memo(function ListedFile({
  file,
  placed,
  parts: { Audio, Video },
  onJump,
}: {
  file: FileRow;
  /** Its room is told, too. */
  placed: boolean;
  parts: FileParts;
  onJump(file: FileRow): void;
}) {
  const t = useTranslations('fileList');
  const media = useTranslations('media');
  const { person, time, room } = useSaid(file);
  const [playing, setPlaying] = useState(false);
  const { id, file_name } = file;
  const recording = recordedAs(file.message_type, file_name);
  const name = recording ? media(`${recording}From`, { name: person }) : file_name;
  const what = (
    <>
      <Face file={file} />
      <span className="fl-words">
        <bdi>{recording ? media(`${recording}Message`) : file_name}</bdi>
        <Facts file={file} />
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
    </>
  );
  return (
    <div className="fl-file" data-testid="listed-file">
      {file.category === 'video' ? (
        <button type="button" className="fl-open" aria-expanded={playing} onClick={() => setPlaying(!playing)}>
          {what}
        </button>
      ) : recording ? (
        <div className="fl-open">{what}</div>
      ) : (
        <a className="fl-open" href={fileUrl(id)} target="_blank" rel="noopener">
          {what}
        </a>
      )}
      <IconButton size="small" label={t('toMessage', { name })} onClick={() => onJump(file)}>
        <MessageSquare size={16} />
      </IconButton>
      <a
        className="ui-icon-button fl-get"
        href={downloadUrl(id)}
        download={file_name}
        aria-label={t('download', { name })}
        data-tip={t('download', { name })}
      >
        <Download size={16} aria-hidden="true" />
      </a>
      {file.category === 'audio' && (
        <div className="fl-sound">
          <Audio file={file} title={name} />
        </div>
      )}
      {playing && (
        <div className="fl-video">
          <Video file={file} title={name} />
        </div>
      )}
    </div>
  );
});

function Face({ file: { id, thumbs, file_type, category, message_type } }: { file: FileRow }) {
  const t = useTranslations('media');
  const poster = thumbs.length > 0 ? Math.min(...thumbs) : undefined;
  return (
    <span className="fl-face">
      {poster !== undefined ? (
        <img src={thumbUrl(id, poster)} alt="" decoding="async" />
      ) : message_type === 'voice' ? (
        <Mic size={22} strokeWidth={1.6} aria-hidden="true" />
      ) : (
        category !== 'video' && <FileIcon mediaType={file_type} />
      )}
      {category === 'video' && <Play size={16} className="fl-play" role="img" aria-label={t('playTip')} />}
    </span>
  );
}

/** How long what was recorded is; of a file also what it is and how large. */
function Facts({ file: { file_name, file_size, duration, message_type } }: { file: FileRow }) {
  const locale = useLocale();
  const length = duration && clockText(duration);
  const facts =
    recordedAs(message_type, file_name) && length
      ? [length]
      : [fileSuffix(file_name), byteSize(file_size, locale), length];
  return <small>{facts.filter(Boolean).join(' · ')}</small>;
}
