/** Draws dialogs, sheets, popovers and menus with React Aria. Loaded lazily: only `overlay.tsx` imports it, and parts that come lazily themselves. */
import './overlays.css';
import { keepFocus } from './keep-focus';
import { tellOnlyOfModals } from './transitions';

/* React Aria would inject a <style> for pressable elements, which the page's policy forbids; with an element of this id
   in place it does not. The rule itself stands in base.css. */
const PRESSABLE = 'react-aria-pressable-style';
if (!document.getElementById(PRESSABLE)) {
  const mark = document.createElement('meta');
  mark.id = PRESSABLE;
  document.head.append(mark);
}

tellOnlyOfModals(window);
keepFocus(document);

export { ConfirmDialog } from './confirm';
export { Dialog, Frame, Sheet } from './modal';
export { Menu, Popover } from './popover';
