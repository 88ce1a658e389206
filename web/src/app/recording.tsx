/** A voice or a video that is made here and sent as it is. */
import { Video } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { RecordingProps } from '../features/composer/files-part';
import type { FinishedRecording } from '../features/media/recorder';
import VideoRecorder from '../features/media/video-recorder';
import VoiceRecorder from '../features/media/voice-recorder';
import { sendUploads } from '../net';
import { draftOf, toDraft, useDrafts } from '../state';
import { addUploads } from '../state/upload-changes';
import { IconButton } from '../ui';
import './carry-files';

export default function Recording({ place, filming, onFilm }: RecordingProps) {
  const t = useTranslations('media');
  const send = async ({ kind, blob, mediaType, fileName, durationMs, waveform, poster }: FinishedRecording) => {
    const content = blob.type === mediaType ? blob : new Blob([blob], { type: mediaType });
    // A video has the shape of its picture: its row has the place for it from the first moment.
    const shape = poster && (await createImageBitmap(poster).catch(() => undefined));
    const sides = { width: shape?.width, height: shape?.height };
    shape?.close();
    const made = { name: fileName, content, duration: durationMs / 1000, waveform, poster, ...sides };
    const { editing, reply } = draftOf(useDrafts.getState(), place);
    // What one answers is answered by this; words that were begun stay, and so does what is being changed.
    const answered = editing ? undefined : reply;
    sendUploads(place, addUploads(place, [made]), kind, answered);
    if (answered) toDraft(place, { type: 'cancelled' });
  };
  return (
    <>
      <VoiceRecorder place={place} onSend={send} />
      <IconButton className="cp-film" label={t('videoMessage')} onClick={() => onFilm(true)}>
        <Video size={18} />
      </IconButton>
      <VideoRecorder place={place} open={filming} onClose={() => onFilm(false)} onSend={send} />
    </>
  );
}
