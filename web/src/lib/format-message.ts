/**
 * How a message gets its values: this module stands for the one of use-intl (vite.config.ts), so that every value of every sentence
 * passes here. A name read from the right turns no word of the sentence round.
 */
import formatOnly from 'use-intl/format-message/format-only';
import { isolated } from './bidi';

type Format = typeof formatOnly;

const format = ((key, message, values, options) => {
  const safe = { ...values };
  for (const [name, value] of Object.entries(safe)) if (typeof value === 'string') safe[name] = isolated(value);
  return formatOnly(key, message, safe, options);
}) as Format;
format.raw = formatOnly.raw;

export default format;
