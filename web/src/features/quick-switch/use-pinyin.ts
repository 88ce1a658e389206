/** Finds Chinese by the sound of its characters. The table of sounds is fetched when Latin letters are looked for and there are Chinese names. */
import { useEffect, useState } from 'react';
import { lazyCode } from '../../ui';

/** The places in a name that sound like the query, if some do. */
export type Sounds = (query: string, name: string) => readonly number[] | undefined;

const load = lazyCode(() => import('pinyin-match'), { onlyOnDemand: true });
const HAN = /\p{Script=Han}/u;

export function usePinyin(query: string, names: readonly string[]): Sounds | undefined {
  const [sounds, setSounds] = useState<Sounds>();
  const wanted = /[a-z]/i.test(query) && names.some((name) => HAN.test(name));
  useEffect(() => {
    if (!wanted || sounds) return;
    let stale = false;
    load().then(
      ({ default: table }) => {
        if (stale) return;
        setSounds(() => (asked: string, name: string) => {
          const found = HAN.test(name) && table.match(name, asked);
          if (!found) return undefined;
          const [from, to] = found;
          return Array.from({ length: to - from + 1 }, (_, at) => from + at);
        });
      },
      // Chinese is found by its own characters then.
      () => undefined,
    );
    return () => {
      stale = true;
    };
  }, [wanted, sounds]);
  return sounds;
}
