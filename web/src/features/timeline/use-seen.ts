/** How many texts of others are new below the view: after what was read when the place was opened, and after what was seen since. */
import { useMemo, useState } from 'react';
import type { Message } from '../../gen/wire';
import { isText } from '../../state';

export function useSeen(rows: readonly Message[], read: number, me: number) {
  const [seen, setSeen] = useState(read);
  const count = useMemo(
    () => rows.filter((row) => row.seq > seen && isText(row) && row.user_id !== me).length,
    [rows, seen, me],
  );
  return [count, setSeen] as const;
}
