/** Who is writing in this room. Always its 20 px high, so that nothing moves when somebody starts. */
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { nameOf, useChat, useTyping } from '../../state';

export default function TypingLine({ roomId }: { roomId: number }) {
  const t = useTranslations('composer');
  const typing = useTyping((state) => state.rooms[roomId]);
  const users = useChat((chat) => chat.users);
  const [now, setNow] = useState(() => Date.now());

  const active = Object.entries(typing ?? {}).filter(([, one]) => one.until > now);
  const next = active.length > 0 ? Math.min(...active.map(([, one]) => one.until)) : undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: somebody new is judged by the present moment
  useEffect(() => setNow(Date.now()), [typing]);
  useEffect(() => {
    if (next === undefined) return;
    const timer = setTimeout(() => setNow(Date.now()), Math.max(0, next - Date.now()) + 20);
    return () => clearTimeout(timer);
  }, [next]);

  const names = active.map(([id, one]) => nameOf(users[Number(id)]) || one.username);
  return (
    <div className="cp-typing" aria-live="off">
      {names.length > 0 && (
        <>
          <span className="cp-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span>{t('typing', { count: names.length, first: names[0] ?? '', second: names[1] ?? '' })}</span>
        </>
      )}
    </div>
  );
}
