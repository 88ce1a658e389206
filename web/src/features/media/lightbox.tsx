/** The pictures of a room in front of it, as far as they are held. */
import { useMemo } from 'react';
import { type Place, roomOf, useChat } from '../../state';
import { PictureLightbox } from './picture-lightbox';
import { type Picture, picturesOf } from './pictures';

export interface MediaLightboxProps {
  place: Place;
  /** The file that was pressed; nothing while it is closed. */
  fileId: number | undefined;
  onClose: () => void;
  onJump: (seq: number) => void;
}

export default function MediaLightbox({ place, fileId, onClose, onJump }: MediaLightboxProps) {
  const pictures = useRoomPictures(place, fileId !== undefined);
  return <PictureLightbox pictures={pictures} fileId={fileId} onClose={onClose} onJump={({ seq }) => onJump(seq)} />;
}

const NONE: readonly Picture[] = [];

/** Of what is held of the place, while somebody looks. */
function useRoomPictures(place: Place, looks: boolean): readonly Picture[] {
  const messages = useChat((chat) => (looks ? chat.messages[roomOf(place)] : undefined));
  return useMemo(() => {
    if (!messages) return NONE;
    const rows = Object.values(messages).sort((a, b) => a.seq - b.seq);
    return picturesOf(rows);
  }, [messages]);
}
