/** The files of a room in its panel, with the way to those of all rooms; or these. */
import { useCallback } from 'react';
import { useLocation } from 'wouter';
import { FileList } from '../features/files';
import type { FileRow } from '../gen/wire';
import { fileParts } from './file-parts';

/** From here on the panel leaves the room beside it in sight. */
const BESIDE = '(min-width: 1100px)';

export default function ListedFiles({ roomId }: { roomId?: number }) {
  const [, navigate] = useLocation();
  const jump = useCallback(
    ({ room_id, seq }: FileRow) => {
      const stays = roomId !== undefined && matchMedia(BESIDE).matches;
      navigate(`/r/${room_id}/m/${seq}${stays ? '?panel=files' : ''}`);
    },
    [navigate, roomId],
  );
  const everywhere = useCallback(() => navigate('/files'), [navigate]);
  return <FileList roomId={roomId} parts={fileParts} onJump={jump} onEverywhere={everywhere} />;
}
