/** Draws an icon, which is one line of a pen: what is built here stands for lucide's own drawing code (scripts/plain-icons.ts). */
import { createElement, type SVGProps } from 'react';

/** `turns`: it points where reading goes, or where it comes from. */
export default function icon(d: string, turns?: true) {
  return ({ size = 24, ...rest }: SVGProps<SVGSVGElement> & { size?: number | string }) =>
    createElement(
      'svg',
      {
        width: size,
        height: size,
        viewBox: '0 0 24 24',
        fill: 'none',
        stroke: 'currentColor',
        strokeWidth: 2,
        strokeLinecap: 'round',
        strokeLinejoin: 'round',
        'aria-hidden': true,
        'data-turns': turns,
        ...rest,
      },
      createElement('path', { d }),
    );
}
