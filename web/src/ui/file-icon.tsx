/** What stands for a file that shows no picture. Comes with what draws files. */
import { File, FileArchive, FileAudio, FileCode, FileImage, FileSpreadsheet, FileText, FileVideo } from 'lucide-react';
import { type FileKind, fileKind } from '../lib/file-kind';

const ICONS: Readonly<Record<FileKind, typeof File>> = {
  picture: FileImage,
  video: FileVideo,
  audio: FileAudio,
  text: FileText,
  archive: FileArchive,
  sheet: FileSpreadsheet,
  code: FileCode,
  other: File,
};

export function FileIcon({ mediaType, size = 22 }: { mediaType: string; size?: number }) {
  const Icon = ICONS[fileKind(mediaType)];
  return <Icon size={size} strokeWidth={1.6} aria-hidden="true" />;
}
