/** The edge between the desk and the sheet: drawn with the pointer, moved with the arrow keys, reset by a double click. */
import type { KeyboardEvent, PointerEvent } from 'react';
import { useTranslations } from 'use-intl';
import { forward } from '../lib/forward';
import { keyAction } from '../lib/keys';
import { NARROWEST, setDeskWidth, useDeskWidth, WIDEST } from './desk-width';

const STEP = 16;

export default function DeskEdge() {
  const t = useTranslations('app');
  const width = useDeskWidth((state) => state.width);

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    // The pointer may leave the edge, and pass over what would answer to it.
    event.currentTarget.setPointerCapture(event.pointerId);
    event.preventDefault();
    event.currentTarget.focus({ preventScroll: true });
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const edge = event.currentTarget;
    if (!edge.hasPointerCapture(event.pointerId)) return;
    const desk = edge.parentElement?.getBoundingClientRect();
    if (desk) setDeskWidth(forward(edge) > 0 ? event.clientX - desk.left : desk.right - event.clientX);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const action = keyAction('edge', event.nativeEvent);
    if (!action) return;
    event.preventDefault();
    const step = STEP * forward(event.currentTarget);
    setDeskWidth({ narrower: width - step, wider: width + step, narrowest: NARROWEST, widest: WIDEST }[action]);
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> takes no focus; this is the pattern of a window splitter
    <div
      className="desk-edge"
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={t('deskEdge')}
      aria-valuemin={NARROWEST}
      aria-valuemax={WIDEST}
      aria-valuenow={width}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onDoubleClick={() => setDeskWidth()}
      onKeyDown={onKeyDown}
    />
  );
}
