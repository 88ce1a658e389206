/** The files of a message, with what plays and enlarges them. */
import type { FilesProps } from '../features/timeline';
import { Attachments } from '../features/timeline/attachments';

export default function MessageFiles(props: FilesProps) {
  return <Attachments {...props} />;
}
