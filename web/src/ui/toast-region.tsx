/** Draws what `toast` tells. */
import { CircleAlert, CircleCheck, Info, X } from 'lucide-react';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { createPortal } from 'react-dom';
import { useTranslations } from 'use-intl';
import './toast.css';
import { IconButton } from './button';
import { closeToast, type ShownToast, shownToasts, subscribeToasts } from './toast';

const SHORT = 5_000;
/** With something to press there must be time to reach it. */
const LONG = 10_000;

const ICONS = { info: Info, ok: CircleCheck, error: CircleAlert };

function ToastRow({ message }: { message: ShownToast }) {
  const t = useTranslations('ui');
  const [paused, setPaused] = useState(false);
  const close = () => closeToast(message.id);
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

/** The one place where toasts appear; the page renders it once. */
export default function ToastRegion(_: { ready: boolean }) {
  const t = useTranslations('ui');
  const list = useSyncExternalStore(subscribeToasts, shownToasts);
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
