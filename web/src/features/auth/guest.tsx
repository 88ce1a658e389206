/** The lobby for somebody with a nickname alone: a name, then plain lines. Talks to nobody: the connection comes in as a prop. */
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import { Banner, Button, Field } from '../../ui';
import { AuthSheet, type DeskProps } from './sheet';

/** Lines that are kept; the page has no history to scroll back in. */
const KEPT = 500;
const REFUSED = 1008;

export interface GuestLobby {
  say(text: string): void;
  close(): void;
}

export type EnterLobby = (
  name: string,
  listener: { line(line: string): void; ended(code: number): void },
) => GuestLobby;

export function GuestScreen({ onGuest, ...desk }: DeskProps & { onGuest: EnterLobby }) {
  const t = useTranslations('auth.guest');
  const lobby = useRef<GuestLobby>(undefined);
  const next = useRef(0);
  const end = useRef<HTMLLIElement>(null);
  const [name, setName] = useState('');
  const [text, setText] = useState('');
  const [here, setHere] = useState(false);
  const [lines, setLines] = useState<readonly { id: number; line: string }[]>([]);
  const [problem, setProblem] = useState('');

  useEffect(() => () => lobby.current?.close(), []);
  useEffect(() => {
    if (lines.length > 0) end.current?.scrollIntoView({ block: 'nearest' });
  }, [lines]);

  const enter = (event: FormEvent) => {
    event.preventDefault();
    let last = '';
    setProblem('');
    setLines([]);
    lobby.current?.close();
    lobby.current = onGuest(name.trim(), {
      line(line) {
        last = line;
        setLines((kept) => [...kept, { id: next.current++, line }].slice(-KEPT));
      },
      ended(code) {
        lobby.current = undefined;
        setHere(false);
        setProblem(code === REFUSED && last !== '' ? last : t('ended'));
      },
    });
    setHere(true);
  };
  const say = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === '') return;
    lobby.current?.say(text);
    setText('');
  };

  return (
    <AuthSheet
      {...desk}
      title={t('title')}
      lead={<p>{t('lead')}</p>}
      foot={
        <p>
          <Link href="/login">{t('toLogin')}</Link>
        </p>
      }
    >
      {problem !== '' && <Banner tone="error">{problem}</Banner>}
      {here ? (
        <>
          <ol className="auth-lines" aria-label={t('lines')} aria-live="polite">
            {lines.map(({ id, line }) => (
              <li key={id} dir="auto">
                {line}
              </li>
            ))}
            <li ref={end} aria-hidden="true" />
          </ol>
          <form className="auth-form" onSubmit={say}>
            <Field
              label={t('text')}
              value={text}
              onChange={(event) => setText(event.target.value)}
              autoFocus
              autoComplete="off"
            />
            <Button type="submit" variant="primary" size="large" wide>
              {t('say')}
            </Button>
          </form>
        </>
      ) : (
        <form className="auth-form" onSubmit={enter}>
          <Field
            label={t('name')}
            hint={t('nameHint')}
            value={name}
            onChange={(event) => setName(event.target.value)}
            maxLength={20}
            required
            autoFocus
            autoComplete="nickname"
          />
          <Button type="submit" variant="primary" size="large" wide>
            {t('enter')}
          </Button>
        </form>
      )}
    </AuthSheet>
  );
}
