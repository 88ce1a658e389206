/** 1 where reading goes to the right, −1 where it goes to the left: for keys and pointers, which know only sides (see --forward). */
export function forward(element: Element): 1 | -1 {
  return getComputedStyle(element).direction === 'rtl' ? -1 : 1;
}
