/**
 * One tooltip for the whole page: any element with `data-tip` has one, `data-tip-keys` adds the keys.
 * Hidden from screen readers: the element itself carries the same words as its label.
 */
import { keyAction } from '../lib/keys';
import './tooltip.css';

const DELAY = 450;
/** Moving on to a neighbour soon after a tip was open shows the next one without the wait. */
const WARM = 300;
const GAP = 6;

/** Starts the tooltip; the shell calls it once. Returns what stops it. */
export function installTooltip(doc: Document = document): () => void {
  const tip = doc.createElement('div');
  tip.className = 'ui-tip';
  tip.setAttribute('aria-hidden', 'true');
  tip.hidden = true;
  doc.body.append(tip);
  if (typeof tip.showPopover === 'function') tip.popover = 'manual';

  let owner: HTMLElement | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closedAt = Number.NEGATIVE_INFINITY;

  const place = (target: HTMLElement) => {
    const box = target.getBoundingClientRect();
    const own = tip.getBoundingClientRect();
    const width = doc.documentElement.clientWidth;
    const above = box.top - own.height - GAP;
    tip.style.top = `${above < 4 || target.dataset.tipSide === 'below' ? box.bottom + GAP : above}px`;
    tip.style.left = `${Math.max(4, Math.min(box.left + (box.width - own.width) / 2, width - own.width - 4))}px`;
  };

  const show = (target: HTMLElement) => {
    const words = target.dataset.tip;
    if (!words || !target.isConnected) return;
    owner = target;
    tip.textContent = words;
    if (target.dataset.tipKeys) {
      const keys = doc.createElement('kbd');
      keys.textContent = target.dataset.tipKeys;
      tip.append(keys);
    }
    tip.hidden = false;
    if (tip.popover && !tip.matches(':popover-open')) tip.showPopover();
    place(target);
  };

  const hide = () => {
    clearTimeout(timer);
    if (!owner) return;
    owner = undefined;
    closedAt = performance.now();
    if (tip.popover && tip.matches(':popover-open')) tip.hidePopover();
    tip.hidden = true;
  };

  const targetOf = (event: Event) =>
    event.target instanceof Element ? event.target.closest<HTMLElement>('[data-tip]') : null;

  const onOver = (event: PointerEvent) => {
    if (event.pointerType === 'touch') return;
    const target = targetOf(event);
    if (target === owner) return;
    hide();
    if (!target || target.getAttribute('aria-expanded') === 'true') return;
    timer = setTimeout(() => show(target), performance.now() - closedAt < WARM ? 0 : DELAY);
  };
  const onFocus = (event: FocusEvent) => {
    const target = targetOf(event);
    if (target?.matches(':focus-visible')) show(target);
  };
  const onKey = (event: KeyboardEvent) => {
    if (keyAction('tip', event) === 'hide') hide();
  };

  doc.addEventListener('pointerover', onOver);
  doc.addEventListener('pointerdown', hide);
  doc.addEventListener('focusin', onFocus);
  doc.addEventListener('focusout', hide);
  doc.addEventListener('keydown', onKey);
  doc.addEventListener('scroll', hide, { capture: true, passive: true });
  return () => {
    hide();
    doc.removeEventListener('pointerover', onOver);
    doc.removeEventListener('pointerdown', hide);
    doc.removeEventListener('focusin', onFocus);
    doc.removeEventListener('focusout', hide);
    doc.removeEventListener('keydown', onKey);
    doc.removeEventListener('scroll', hide, { capture: true });
    tip.remove();
  };
}
