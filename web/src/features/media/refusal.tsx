/** Why there is no microphone or camera, and what one can do about it. */
import { CircleAlert } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { DeviceFault } from '../../lib/media/faults';
import type { RecordingKind } from '../../lib/media/formats';

export function DeviceRefusal({ why, kind }: { why: DeviceFault; kind: RecordingKind }) {
  const t = useTranslations('media.fault');
  return (
    <p className="rec-refused" role="alert" data-why={why}>
      <CircleAlert size={16} aria-hidden="true" />
      <span>
        <b>{t(`${why}.what`, { kind })}</b> {t(`${why}.deed`, { kind })}
      </span>
    </p>
  );
}
