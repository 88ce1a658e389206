import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { User } from '../../gen/wire';
import { Avatar, Field, TextArea } from '../../ui';
import { useAutosave } from './autosave';
import { Part, SaveMark } from './parts';

export type ProfileChange = Partial<Pick<User, 'display_name' | 'bio' | 'status_text'>>;

const NAME_CHARS = 64;
const STATUS_CHARS = 100;
const BIO_CHARS = 500;

/** What others see of me, beside a preview of how they see it. */
export function ProfilePage({
  me,
  onSave,
  avatarDeeds,
}: {
  me: User;
  onSave: (change: ProfileChange) => Promise<void>;
  /** What can be done about the picture. */
  avatarDeeds: ReactNode;
}) {
  const t = useTranslations('settings.profile');
  const [values, setValues] = useState({ display_name: me.display_name, status_text: me.status_text, bio: me.bio });
  const { state, cause, change, flush } = useAutosave(onSave);
  const name = values.display_name.trim() || me.username;

  const set = (part: ProfileChange) => {
    const next = { ...values, ...part };
    setValues(next);
    change(next);
  };

  return (
    <div className="set-with-preview">
      <Part title={t('title')} lead={t('lead')}>
        <div className="set-fields">
          <div className="set-avatar">
            <Avatar id={me.id} name={name} size={64} src={me.avatar_url} />
            <div>{avatarDeeds}</div>
          </div>
          <Field
            label={t('displayName')}
            hint={t('displayNameHint', { username: me.username })}
            value={values.display_name}
            placeholder={me.username}
            maxLength={NAME_CHARS}
            autoComplete="name"
            onBlur={flush}
            onChange={(event) => set({ display_name: event.target.value })}
          />
          <Field
            label={t('status')}
            hint={t('statusHint')}
            value={values.status_text}
            maxLength={STATUS_CHARS}
            onBlur={flush}
            onChange={(event) => set({ status_text: event.target.value })}
          />
          <TextArea
            label={t('bio')}
            hint={t('bioHint')}
            value={values.bio}
            limit={BIO_CHARS}
            onBlur={flush}
            onChange={(event) => set({ bio: event.target.value })}
          />
          <SaveMark state={state} cause={cause} />
        </div>
      </Part>
      <aside className="set-preview" aria-label={t('preview')}>
        <p className="set-preview-title">{t('preview')}</p>
        <div className="set-card">
          <Avatar id={me.id} name={name} size={64} presence="online" src={me.avatar_url} />
          <p className="set-card-name">{name}</p>
          <p className="set-card-handle">@{me.username}</p>
          {values.status_text && <p className="set-card-status">{values.status_text}</p>}
          {values.bio && <p className="set-card-bio">{values.bio}</p>}
        </div>
      </aside>
    </div>
  );
}
