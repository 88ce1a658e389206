import { CircleAlert, CircleCheck, Info, X } from 'lucide-react';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { createPortal } from 'react-dom';
import { useTranslations } from 'use-intl';
import './toast.css';
import { IconButton } from './button';

export interface Toast {
  text: string;
  tone?: 'info' | 'ok' | 'error';
  action?: { label: string; onAction: () => void };
}

interface Shown extends Toast {
  id: number;
}

/** At most this many at once: the oldest gives way. */
const LIMIT = 3;
const SHORT = 5_000;
/** With something to press there must be time to reach it. */
const LONG = 10_000;

let shown: readonly Shown[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function set(next: readonly Shown[]) {
  shown = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** Tells the result of the person's own action. Returns what takes it away again. */
export function toast(message: Toast): () => void {
  const id = nextId++;
  set([...shown.slice(1 - LIMIT), { ...message, id }]);
  return () => set(shown.filter((one) => one.id !== id));
}

const ICONS = { info: Info, ok: CircleCheck, error: CircleAlert };

function ToastRow({ message }: { message: Shown }) {
  const t = useTranslations('ui');
  const [paused, setPaused] = useState(false);
  const close = () => set(shown.filter((one) => one.id !== message.id));
  const closeLater = useRef(close);
  closeLater.current = close;
  useEffect(() => {
    if (paused) return;
    const timer = setTimeout(() => closeLater.current(), message.action || message.tone === 'error' ? LONG : SHORT);
    return () => clearTimeout(timer);
  }, [paused, message]);
  const Icon = ICONS[message.tone ?? 'info'];
  return (
    <li
      className="ui-toast"
      data-tone={message.tone ?? 'info'}
      onPointerEnter={() => setPaused(true)}
      onPointerLeave={() => setPaused(false)}
      onFocus={() => setPaused(true)}
      onBlur={() => setPaused(false)}
    >
      <Icon aria-hidden="true" />
      <span>{message.text}</span>
      {message.action && (
        <button
          type="button"
          className="ui-toast-action"
          onClick={() => {
            message.action?.onAction();
            close();
          }}
        >
          {message.action.label}
        </button>
      )}
      <IconButton label={t('dismiss')} size="small" onClick={close}>
        <X aria-hidden="true" />
      </IconButton>
    </li>
  );
}

/** The one place where toasts appear; the shell renders it once. */
export function ToastRegion() {
  const t = useTranslations('ui');
  const list = useSyncExternalStore(subscribe, () => shown);
  return createPortal(
    <section className="ui-toasts" aria-label={t('notices')} aria-live="polite">
      <ul>
        {list.map((message) => (
          <ToastRow key={message.id} message={message} />
        ))}
      </ul>
    </section>,
    document.body,
  );
}
