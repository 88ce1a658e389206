/** A voice or a video that is made here and sent as it is. */
import { Video } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { RecordingProps } from '../features/composer/files-part';
import type { FinishedRecording } from '../features/media/recorder';
import VideoRecorder from '../features/media/video-recorder';
import VoiceRecorder from '../features/media/voice-recorder';
import { sendUploads } from '../net';
import { addUploads } from '../state/upload-changes';
import { IconButton } from '../ui';
import './carry-files';

export default function Recording({ place, filming, onFilm }: RecordingProps) {
  const t = useTranslations('media');
  const send = ({ kind, blob, mediaType, fileName, durationMs, waveform, poster }: FinishedRecording) => {
    const content = blob.type === mediaType ? blob : new Blob([blob], { type: mediaType });
    const made = { name: fileName, content, duration: durationMs / 1000, waveform, poster };
    sendUploads(place, addUploads(place, [made]), kind);
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
