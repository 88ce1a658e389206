/** Buttons that put signs around words. They come after the box; their keys work without them. */
import { Bold, Code, Italic } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { keysOf } from '../../lib/keys';
import { IconButton } from '../../ui';
import { SIGNS } from './caret';

export default function Marks({ onMark }: { onMark(sign: string): void }) {
  const t = useTranslations('composer');
  return (
    <span className="cp-marks">
      <IconButton label={t('bold')} keys={keysOf('composer', 'bold')} onClick={() => onMark(SIGNS.bold)}>
        <Bold size={17} />
      </IconButton>
      <IconButton label={t('italic')} keys={keysOf('composer', 'italic')} onClick={() => onMark(SIGNS.italic)}>
        <Italic size={17} />
      </IconButton>
      <IconButton label={t('code')} keys={keysOf('composer', 'code')} onClick={() => onMark(SIGNS.code)}>
        <Code size={18} />
      </IconButton>
    </span>
  );
}
