/** Sound and video as they hang on a message. */
import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import type { Attachment, Message } from '../../gen/wire';
import { downloadUrl, fileUrl, thumbUrl } from '../../lib/media/address';
import type { Track } from '../../lib/media/playback';
import { nameOf, useChat } from '../../state';
import AudioPlayer from './audio-player';
import { thumbOf } from './pictures';
import VideoPlayer from './video-player';

export interface AttachedProps {
  file: Attachment;
  message: Message;
}

export function AttachedAudio({ file, message }: AttachedProps) {
  const t = useTranslations('media');
  const name = useChat((chat) => nameOf(chat.users[message.user_id]) || message.username);
  const voice = message.type === 'voice';
  const title = voice ? t('voiceFrom', { name }) : file.file_name;
  const track = useMemo<Track>(
    () => ({
      key: `file ${file.id}`,
      src: fileUrl(file.id),
      title,
      seconds: file.duration ?? undefined,
      roomId: message.room_id,
      messageId: message.id,
    }),
    [file, title, message.room_id, message.id],
  );
  return <AudioPlayer track={track} waveform={file.waveform} named={!voice} download={downloadUrl(file.id)} />;
}

export function AttachedVideo({ file }: Pick<AttachedProps, 'file'>) {
  const poster = thumbOf(file, 1024);
  return (
    <VideoPlayer
      src={fileUrl(file.id)}
      title={file.file_name}
      poster={poster === undefined ? undefined : thumbUrl(file.id, poster)}
      width={file.width}
      height={file.height}
      seconds={file.duration}
      download={downloadUrl(file.id)}
    />
  );
}
