/** Tells a screen reader about new messages of the room in focus, a few at a time: "3 new messages from Maya". */
import { useEffect, useRef, useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import type { Message } from '../../gen/wire';
import { isolated } from '../../lib/bidi';
import { plainText } from '../../lib/plain';
import { Wait } from '../../lib/wait';
import { isText, messageOf, useChat } from '../../state';

const GATHER_MS = 1500;

export default function Announcer({
  rows,
  me,
  nameOf,
}: {
  rows: readonly Message[];
  me: number;
  nameOf: (id: number, fallback: string) => string;
}) {
  const t = useTranslations('timeline');
  const locale = useLocale();
  const told = useRef(rows.at(-1)?.seq ?? 0);
  const latest = useRef(rows);
  const [words, setWords] = useState('');
  latest.current = rows;
  const last = rows.at(-1)?.seq ?? 0;

  const wait = useRef(new Wait());
  useEffect(() => {
    const { current } = wait;
    return () => current.stop();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new last row starts the wait
  useEffect(() => {
    if (last <= told.current) return;
    wait.current.start(GATHER_MS, () => {
      const chat = useChat.getState();
      const asNow = latest.current.map((row) => messageOf(chat, row.room_id, row.id) ?? row);
      const fresh = asNow.filter(
        (row) => row.seq > told.current && isText(row) && row.user_id !== me && !row.recalled_at,
      );
      told.current = latest.current.at(-1)?.seq ?? told.current;
      const [only] = fresh;
      if (!only) return;
      if (fresh.length === 1) {
        setWords(
          t('announceOne', {
            name: nameOf(only.user_id, only.username),
            text: plainText(only.content) || t('kind', { type: only.type }),
          }),
        );
        return;
      }
      const names = [...new Set(fresh.map((row) => nameOf(row.user_id, row.username)))];
      setWords(
        t('announceMany', {
          count: fresh.length,
          names: new Intl.ListFormat(locale).format(names.slice(0, 3).map(isolated)),
        }),
      );
    });
  }, [last, me]);

  return (
    <div className="ui-hidden" aria-live="polite">
      {words}
    </div>
  );
}
