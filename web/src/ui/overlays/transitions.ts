/**
 * React Aria notes every element of the page in which a transition began, to move the focus of a screen reader only when nothing
 * moves any more. It forgets it when all of them ended, but hears only of the first that is cut short
 * (https://github.com/adobe/react-spectrum/issues/7326): what leaves the page meanwhile it would keep for good, with all around it.
 * So it is told only of what it waits for, which is the one transition of a modal: that it slides in.
 */
export function tellOnlyOfModals(target: Window): void {
  const onRun = (event: TransitionEvent) => {
    const slides = event.propertyName === 'translate' && event.target instanceof Element;
    if (!(slides && event.target.matches('.ui-modal'))) event.stopPropagation();
  };
  // Ahead of React Aria, which listens at the document.
  target.addEventListener('transitionrun', onRun, true);
}
