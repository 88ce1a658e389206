/** The place's own emoji: who added which, adding one, deleting what one may delete. */
import { ImagePlus, Trash2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { CustomEmoji, User } from '../../gen/wire';
import { loadUser } from '../../net';
import { deleteEmoji, needEmojis } from '../../net/emojis';
import { nameOf, useChat, useSession } from '../../state';
import { useEmojis } from '../../state/emojis';
import { Banner, Button, Dialog, EmptyState, IconButton, toast, useAgo, useRefusals } from '../../ui';
import { usePictureFile } from '../../ui/crop/use-picture-file';
import { AddEmoji } from './add';
import './manage.css';
import { shortcode } from './own';

/** Who is not known here yet is asked for, so many at most. */
const MOST_ASKED = 30;

export default function ManageEmoji({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useTranslations('emoji');
  return (
    <Dialog open={open} onClose={onClose} title={t('own')} className="emo">
      <Manager />
    </Dialog>
  );
}

function Manager() {
  const t = useTranslations('emoji');
  const pictures = useTranslations('avatars');
  const list = useEmojis((emojis) => emojis.list);
  const me = useSession((session) => session.me);
  const { file, setFile, problem, take, handlers } = usePictureFile(pictures('unreadable'));
  const asks = useRef<HTMLInputElement>(null);
  useEffect(() => void needEmojis(), []);

  if (file) {
    return (
      <AddEmoji
        key={`${file.name} ${file.lastModified}`}
        file={file}
        onBack={() => setFile(undefined)}
        onUnreadable={() => take(undefined)}
      />
    );
  }
  const choose = (
    <Button variant="primary" icon={<ImagePlus size={16} />} onClick={() => asks.current?.click()}>
      {t('add')}
    </Button>
  );
  return (
    <div className="emo-manage" {...handlers}>
      {problem && <Banner tone="error">{problem}</Banner>}
      {list.length === 0 ? (
        <EmptyState icon={<ImagePlus aria-hidden="true" />} title={t('noneOwn')} action={choose}>
          {t('lead')}
        </EmptyState>
      ) : (
        <>
          <div className="emo-head">
            <p>{t('lead')}</p>
            {choose}
          </div>
          <OwnList list={list} me={me} />
        </>
      )}
      <input
        ref={asks}
        type="file"
        accept="image/*"
        hidden
        data-testid="emoji-file"
        onChange={(event) => {
          take(event.target.files);
          // The same file may be chosen again.
          event.target.value = '';
        }}
      />
    </div>
  );
}

interface OwnListProps {
  list: readonly CustomEmoji[];
  me: User | null;
}

function OwnList({ list, me }: OwnListProps) {
  const t = useTranslations('emoji');
  const users = useChat((chat) => chat.users);
  const ago = useAgo();
  const [asking, setAsking] = useState<number>();
  useEffect(() => {
    const { users: known } = useChat.getState();
    const strangers = new Set(list.map((one) => one.created_by).filter((id) => known[id]?.display_name === undefined));
    for (const id of [...strangers].slice(0, MOST_ASKED)) loadUser(id).catch(() => undefined);
  }, [list]);
  return (
    <ul className="emo-list" aria-label={t('own')}>
      {list.map((one) => (
        <li key={one.id} data-testid="own-emoji">
          <img src={one.url} alt="" loading="lazy" draggable={false} />
          {asking === one.id ? (
            <AskDelete emoji={one} onDone={() => setAsking(undefined)} />
          ) : (
            <>
              <div>
                <b>{shortcode(one.name)}</b>
                <p>{t('addedBy', { name: nameOf(users[one.created_by]) || '…', when: ago(one.created_at) })}</p>
              </div>
              {(one.created_by === me?.id || me?.is_admin) && (
                <IconButton label={t('delete', { name: shortcode(one.name) })} onClick={() => setAsking(one.id)}>
                  <Trash2 size={16} aria-hidden="true" />
                </IconButton>
              )}
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

/** In the row itself: what is asked about is seen beside the question. */
function AskDelete({ emoji, onDone }: { emoji: CustomEmoji; onDone: () => void }) {
  const t = useTranslations('emoji');
  const ui = useTranslations('ui');
  const refusals = useRefusals();
  const [busy, setBusy] = useState(false);
  const name = shortcode(emoji.name);
  const remove = async () => {
    setBusy(true);
    try {
      await deleteEmoji(emoji.id);
    } catch (error) {
      toast({ text: refusals.say(error, t('unreachable')), tone: 'error' });
    }
    onDone();
  };
  return (
    <fieldset className="emo-ask">
      <legend>{t('deleteTitle', { name })}</legend>
      <p>{t('deleteText')}</p>
      <div>
        <Button size="small" autoFocus onClick={onDone}>
          {ui('cancel')}
        </Button>
        <Button size="small" variant="danger" busy={busy} onClick={() => void remove()}>
          {t('deleteConfirm')}
        </Button>
      </div>
    </fieldset>
  );
}
