/** What can be done about a picture: another one, or none. It stands beside the picture. */
import { ImagePlus, ImageUp } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type AvatarOwner, removeAvatar } from '../../net/avatars';
import { Button, lazyPart, toast, useRefusals } from '../../ui';

const AvatarDialog = lazyPart(() => import('./dialog'), { wanted: ({ open }) => open, place: 'notice' });

export interface AvatarDeedsProps {
  owner: AvatarOwner;
  /** What it is drawn for where there is no picture. */
  name: string;
  url: string | undefined;
  wide?: boolean;
}

export function AvatarDeeds({ owner, name, url, wide = false }: AvatarDeedsProps) {
  const t = useTranslations('avatars');
  const refusals = useRefusals();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);

  const remove = async () => {
    setBusy(true);
    try {
      await removeAvatar(owner);
    } catch (error) {
      toast({ text: refusals.say(error, t('unreachable')), tone: 'error' });
    }
    setBusy(false);
  };

  return (
    <>
      <Button
        wide={wide}
        icon={url ? <ImageUp size={16} /> : <ImagePlus size={16} />}
        onPointerEnter={() => void AvatarDialog.preload()}
        onClick={() => setOpen(true)}
      >
        {url ? t('change') : t('choose')}
      </Button>
      {url && (
        <Button wide={wide} variant="plain" busy={busy} onClick={() => void remove()}>
          {t('remove')}
        </Button>
      )}
      <AvatarDialog open={open} onClose={() => setOpen(false)} owner={owner} name={name} url={url} />
    </>
  );
}
