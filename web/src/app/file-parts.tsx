/** What plays and enlarges the files of a list. */
import { useCallback, useMemo } from 'react';
import type { FileParts, PlayerProps } from '../features/files';
import { FileVideo } from '../features/media/attached';
import AudioPlayer from '../features/media/audio-player';
import { PictureLightbox } from '../features/media/picture-lightbox';
import type { Picture } from '../features/media/pictures';
import type { FileRow } from '../gen/wire';
import { downloadUrl, fileUrl } from '../lib/media/address';

function Audio({ file, title }: PlayerProps) {
  const { id, duration, room_id, message_id, waveform } = file;
  const track = useMemo(
    () => ({
      key: `file ${id}`,
      src: fileUrl(id),
      title,
      seconds: duration ?? undefined,
      roomId: room_id,
      messageId: message_id,
    }),
    [id, title, duration, room_id, message_id],
  );
  return <AudioPlayer track={track} waveform={waveform} download={downloadUrl(id)} />;
}

const Video = ({ file, title }: PlayerProps) => <FileVideo file={file} title={title} begun />;

const pictureOf = (file: FileRow): Picture => ({
  file,
  messageId: file.message_id,
  seq: file.seq,
  userId: file.user_id,
  username: file.username,
  at: file.created_at,
  words: '',
});

const Lightbox: FileParts['Lightbox'] = ({ files, fileId, onClose, onJump, onLast }) => {
  const pictures = useMemo(() => files.map(pictureOf), [files]);
  const jump = useCallback(
    ({ file: { id } }: Picture) => {
      const file = files.find((one) => one.id === id);
      if (file) onJump(file);
    },
    [files, onJump],
  );
  return <PictureLightbox pictures={pictures} fileId={fileId} onClose={onClose} onJump={jump} onLast={onLast} />;
};

export const fileParts: FileParts = { Audio, Video, Lightbox };
