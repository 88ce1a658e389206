/** What others wrote, put beside words of ours: it may be read from the right, or hold signs that turn letters round. */

/** Letters read from the right and what turns letters round, with some that do neither between them. */
const TURNED = /[\u0590-\u08ff\u200f\u202a-\u2069\ufb1d-\ufefc\u{10800}-\u{1efff}]/u;
const SIGNS = /[\u202a-\u202e\u2066-\u2069]/g;
const POP = '\u202c';
const END = '\u2069';

/** A text without signs that end what it did not begin, and what ends the turns that it left open. */
export function turnsOf(text: string): { kept: string; open: string } {
  let open = '';
  const kept = text.replace(SIGNS, (sign) => {
    if (sign !== POP && sign !== END) open = (sign < '\u2066' ? POP : END) + open;
    else {
      const at = open.indexOf(sign);
      // An end of an embedding does not reach out of the isolate it stands in.
      if (at < 0 || (sign === POP && at > 0)) return '';
      open = open.slice(at + 1);
    }
    return sign;
  });
  return { kept, open };
}

/** The same text, so that it turns nothing round but itself. What cannot turn anything stays as it is. */
export function isolated(text: string): string {
  if (!TURNED.test(text)) return text;
  const { kept, open } = turnsOf(text);
  return `\u2068${kept}${open}${END}`;
}
