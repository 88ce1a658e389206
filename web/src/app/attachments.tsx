/** The files of a message, with what plays and enlarges them. */
import { AttachedAudio, AttachedVideo } from '../features/media/attached';
import type { FilesProps } from '../features/timeline';
import { Attachments, type MediaParts } from '../features/timeline/attachments';
import { useViewer } from './viewed';

const media: MediaParts = {
  Audio: AttachedAudio,
  Video: AttachedVideo,
  onOpen: (_message, file) => useViewer.setState({ fileId: file.id }),
};

export default function MessageFiles(props: FilesProps) {
  return <Attachments {...props} media={media} />;
}
