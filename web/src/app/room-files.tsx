/** The files of a room in its panel, and the way to those of all rooms. */
import { useCallback } from 'react';
import { useLocation } from 'wouter';
import { FileList } from '../features/files';
import type { FileRow } from '../gen/wire';
import { fileParts } from './file-parts';

/** From here on the panel leaves the room beside it in sight. */
const BESIDE = '(min-width: 1100px)';

export default function RoomFiles({ roomId }: { roomId: number }) {
  const [, navigate] = useLocation();
  const jump = useCallback(
    ({ room_id, seq }: FileRow) =>
      navigate(`/r/${room_id}/m/${seq}${matchMedia(BESIDE).matches ? '?panel=files' : ''}`),
    [navigate],
  );
  return <FileList roomId={roomId} parts={fileParts} onJump={jump} />;
}
