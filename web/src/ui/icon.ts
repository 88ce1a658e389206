/** Draws the shapes of an icon from lucide: what is built here stands for lucide's own drawing code (vite.config.ts). */
import { createElement, type SVGProps } from 'react';

interface IconData {
  /** It points where reading goes, or where it comes from. */
  readonly turns?: true;
  readonly node: readonly (readonly [tag: string, attributes: Readonly<Record<string, string>>])[];
}

export default function icon({ node, turns }: IconData) {
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
      ...node.map(([tag, attributes]) => createElement(tag, attributes)),
    );
}
