/** A new emoji of the place: its picture is cropped, and it gets a name that no other has. */
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { ApiError } from '../../net';
import { addEmoji } from '../../net/emojis';
import { useEmojis } from '../../state/emojis';
import { Field, toast, useRefusals } from '../../ui';
import { Crop, type CropProps } from '../../ui/crop';
import { faultOf, NAME_LENGTH, nameFrom, shortcode } from './own';

interface AddEmojiProps {
  file: File;
  /** Also once it is added. */
  onBack: () => void;
  onUnreadable: () => void;
}

export function AddEmoji({ file, onBack, onUnreadable }: AddEmojiProps) {
  const t = useTranslations('emoji');
  const refusals = useRefusals();
  const byName = useEmojis((emojis) => emojis.byName);
  const [name, setName] = useState(() => nameFrom(file.name));
  const fault = faultOf(name, (one) => byName.has(one));

  const add = async (...taken: Parameters<CropProps['onTake']>) => {
    try {
      await addEmoji(name, ...taken);
      toast({ text: t('added', { name: shortcode(name) }), tone: 'ok' });
      onBack();
    } catch (error) {
      // Elsewhere a name is that of a room.
      const isName = error instanceof ApiError && error.fields.name !== undefined;
      return isName ? t('fault.letters', NAME_LENGTH) : refusals.say(error, t('unreachable'));
    }
  };

  return (
    <Crop
      file={file}
      kind="emoji"
      action={t('add')}
      ready={name !== '' && fault === undefined}
      onBack={onBack}
      onUnreadable={onUnreadable}
      onTake={add}
    >
      <Field
        label={t('name')}
        value={name}
        onChange={(event) => setName(event.target.value.toLowerCase().replaceAll(' ', '-'))}
        hint={name === '' ? t('nameHint') : t('written', { name: shortcode(name) })}
        error={fault && t(`fault.${fault}`, NAME_LENGTH)}
        autoComplete="off"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        required
      />
    </Crop>
  );
}
