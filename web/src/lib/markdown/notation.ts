/** Writes what was read in one line, for the table of cases: `⟦b|bold⟧`, blocks set apart by ` ¶ `. Used by tests alone. */
import type { Block, Inline } from './tree';

const SIGNS = { em: 'i', strong: 'b', del: 's' } as const;

export function notation(blocks: readonly Block[]): string {
  return blocks.map(block).join(' ¶ ');
}

function block(one: Block): string {
  switch (one.type) {
    case 'paragraph':
      return inlines(one.children);
    case 'heading':
      return `⟦h|${inlines(one.children)}⟧`;
    case 'code':
      return `⟦pre${one.language ? ` ${one.language}` : ''}|${visible(one.text)}⟧`;
    case 'quote':
      return `⟦q|${notation(one.children)}⟧`;
    case 'rule':
      return '⟦hr⟧';
    case 'list':
      return one.items
        .map(({ marker, checked, children }) => {
          const sign = checked === undefined ? (marker ?? '•') : checked ? '☑' : '☐';
          return `⟦${sign}|${notation(children)}⟧`;
        })
        .join('');
    case 'table':
      return `⟦table|${one.rows.map((row) => row.map(inlines).join('¦')).join('⏎')}⟧`;
  }
}

function inlines(list: readonly Inline[]): string {
  return list.map(inline).join('');
}

function inline(one: Inline): string {
  switch (one.type) {
    case 'text':
      return visible(one.text);
    case 'emoji':
      return `⟦e|${one.text}⟧`;
    case 'mention':
      return `⟦@${one.user}|${visible(one.text)}⟧`;
    case 'code':
      return `⟦c|${visible(one.text)}⟧`;
    case 'link':
      return `⟦a ${one.href}|${inlines(one.children)}⟧${one.host === undefined ? '' : `⟦really ${one.host}⟧`}`;
    default:
      return `⟦${SIGNS[one.type]}|${inlines(one.children)}⟧`;
  }
}

export function visible(text: string): string {
  return text.replaceAll('\n', '⏎').replaceAll('\t', '⇥');
}

export function typed(written: string): string {
  return written.replaceAll('⏎', '\n').replaceAll('⇥', '\t');
}
