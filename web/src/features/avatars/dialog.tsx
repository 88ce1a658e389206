/** Choosing a picture: one of the drawn set, or one of one's own, which is then cropped. */
import { Upload } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type DrawnAvatar, drawnAt, drawnUrl } from '../../lib/avatars';
import { type AvatarOwner, pickAvatar, uploadAvatar } from '../../net/avatars';
import { Avatar, Banner, Button, Dialog, RoomTile, useRefusals } from '../../ui';
import { Crop, type CropProps } from '../../ui/crop';
import { usePictureFile } from '../../ui/crop/use-picture-file';
import { DrawnSet } from '../../ui/drawn-set';
import './avatars.css';

interface ChoiceOfAvatar {
  onClose: () => void;
  owner: AvatarOwner;
  name: string;
  url: string | undefined;
}

export default function AvatarDialog({ open, ...choice }: ChoiceOfAvatar & { open: boolean }) {
  const t = useTranslations('avatars');
  return (
    <Dialog open={open} onClose={choice.onClose} title={t('title', { kind: choice.owner.kind })} className="avd">
      <Chooser {...choice} />
    </Dialog>
  );
}

function Chooser({ onClose, owner, name, url }: ChoiceOfAvatar) {
  const t = useTranslations('avatars');
  const refusals = useRefusals();
  const [drawn, setDrawn] = useState<DrawnAvatar | undefined>(drawnAt(url));
  const { file, setFile, problem, setProblem, take, handlers } = usePictureFile(t('unreadable'));
  const [busy, setBusy] = useState(false);
  const asks = useRef<HTMLInputElement>(null);

  const save = async () => {
    if (!drawn) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await pickAvatar(owner, drawn);
      onClose();
    } catch (error) {
      setProblem(refusals.say(error, t('unreachable')));
      setBusy(false);
    }
  };

  const send = async (...taken: Parameters<CropProps['onTake']>) => {
    try {
      await uploadAvatar(owner, ...taken);
      onClose();
    } catch (error) {
      return refusals.say(error, t('unreachable'));
    }
  };

  if (file) {
    return (
      <Crop
        file={file}
        kind={owner.kind}
        action={t('use')}
        onBack={() => setFile(undefined)}
        onUnreadable={() => take(undefined)}
        onTake={send}
      />
    );
  }
  const shown = { id: owner.id, name, size: 96, src: drawn ? drawnUrl(drawn) : url } as const;
  return (
    <div className="avd-choose" {...handlers}>
      {problem && <Banner tone="error">{problem}</Banner>}
      <div className="avd-head">
        {owner.kind === 'user' ? <Avatar {...shown} /> : <RoomTile {...shown} />}
        <div>
          <p>{t('lead', { kind: owner.kind })}</p>
          <Button icon={<Upload size={16} />} onClick={() => asks.current?.click()}>
            {t('upload')}
          </Button>
          <p className="avd-hint avd-drop">{t('uploadHint')}</p>
        </div>
        <input
          ref={asks}
          type="file"
          accept="image/*"
          hidden
          data-testid="avatar-file"
          onChange={(event) => {
            take(event.target.files);
            // The same file may be chosen again.
            event.target.value = '';
          }}
        />
      </div>
      <DrawnSet label={t('drawnSet')} value={drawn} onChange={setDrawn} />
      <footer className="ui-dialog-actions">
        <Button onClick={onClose}>{t('cancel')}</Button>
        <Button
          variant="primary"
          busy={busy}
          disabled={drawn === undefined || drawnUrl(drawn) === url}
          onClick={() => void save()}
        >
          {t('use')}
        </Button>
      </footer>
    </div>
  );
}
