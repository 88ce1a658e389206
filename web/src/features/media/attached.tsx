/** Sound and video as they hang on a message. */
import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import type { Attachment, Message } from '../../gen/wire';
import { downloadUrl, fileUrl, thumbUrl } from '../../lib/media/address';
import { recordedAs } from '../../lib/media/formats';
import type { Track } from '../../lib/media/playback';
import { isText, nameOf, placeOf, rowsOf, spanAt, useChat } from '../../state';
import AudioPlayer from './audio-player';
import { thumbOf } from './pictures';
import VideoPlayer from './video-player';

export interface AttachedProps {
  file: Attachment;
  message: Message;
}

/** As a recording is called, by who made it; nothing for a file with a name of its own. */
function useRecordingTitle({ file, message }: AttachedProps): string | undefined {
  const t = useTranslations('media');
  const name = useChat((chat) => nameOf(chat.users[message.user_id]) || message.username);
  const kind = recordedAs(message.type, file.file_name);
  return kind && t(`${kind}From`, { name });
}

export function AttachedAudio({ file, message }: AttachedProps) {
  const t = useTranslations('media');
  const recording = useRecordingTitle({ file, message });
  const title = recording ?? file.file_name;
  const track = useMemo<Track>(
    () => ({ ...trackOf(file, message, (name) => t('voiceFrom', { name })), title }),
    [file, title, message, t],
  );
  return <AudioPlayer track={track} waveform={file.waveform} named={!recording} download={downloadUrl(file.id)} />;
}

function trackOf(file: Attachment, message: Message, voiceFrom: (name: string) => string): Track {
  const voice = message.type === 'voice';
  return {
    key: `file ${file.id}`,
    src: fileUrl(file.id),
    title: voice ? voiceFrom(nameOf(useChat.getState().users[message.user_id]) || message.username) : file.file_name,
    seconds: file.duration ?? undefined,
    roomId: message.room_id,
    messageId: message.id,
    next: voice ? () => voiceAfter(message, voiceFrom) : undefined,
  };
}

/** Who listens to a voice goes on to the one that follows at once. */
function voiceAfter({ room_id, seq }: Message, voiceFrom: (name: string) => string): Track | undefined {
  const chat = useChat.getState();
  const place = placeOf(room_id);
  const rows = rowsOf(chat, place, spanAt(chat.logs[place] ?? [], seq));
  const next = rows.find((row) => row.seq > seq && isText(row) && !row.recalled_at);
  const [file] = next?.attachments ?? [];
  return next?.type === 'voice' && file ? trackOf(file, next, voiceFrom) : undefined;
}

export function AttachedVideo({ file, message }: AttachedProps) {
  const title = useRecordingTitle({ file, message }) ?? file.file_name;
  return <FileVideo file={file} title={title} />;
}

export function FileVideo({ file, title, begun }: { file: Attachment; title: string; begun?: boolean }) {
  const poster = thumbOf(file, 1024);
  return (
    <VideoPlayer
      src={fileUrl(file.id)}
      title={title}
      poster={poster === undefined ? undefined : thumbUrl(file.id, poster)}
      width={file.width}
      height={file.height}
      seconds={file.duration}
      download={downloadUrl(file.id)}
      begun={begun}
    />
  );
}
