/**
 * A part of the page whose code comes when it is wanted. The only door for such code besides `fetchCode`: where it does not
 * come, the part says so in its own place, the rest of the page goes on, and another try is a real one.
 */
import { type ComponentType, type ReactNode, useEffect, useReducer, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { fetchCode } from '../lib/fetch-code';
import { Boundary } from './boundary';
import { Stopped } from './stopped';

interface Options<Props> {
  /** Nothing is drawn or fetched before this is first true; from then on the part stays, so that closing can be seen. */
  wanted?: (props: Props) => boolean;
  /** Where it tells that it did not come: `notice` for what opens over the page, `nowhere` for a help that one can do without. */
  place?: 'pane' | 'notice' | 'nowhere';
  /** Stands there until the code has come; drawn by what it will be, where that has a size. */
  waiting?: ReactNode | ((props: Props) => ReactNode);
  /** Fetched only when it is wanted, not ahead of that by `preloadParts`. */
  onlyOnDemand?: boolean;
}

export type LazyPart<Props> = ComponentType<Props> & {
  /** Fetches the code ahead of its first use; whether it came shows when it is wanted. */
  preload(): Promise<void>;
};

const ahead: (() => Promise<void>)[] = [];

/** Fetches what this page may need later, one after the other so that nothing that is wanted now has to wait. */
export async function preloadParts(): Promise<void> {
  for (const preload of ahead) await preload();
}

/** Code without a drawing of its own that is wanted later; what comes of a failed fetch is the caller's business. */
export function lazyCode<Chunk>(
  load: () => Promise<Chunk>,
  { onlyOnDemand = false }: { onlyOnDemand?: boolean } = {},
): LazyCode<Chunk> {
  let held: Chunk | undefined;
  const fetchIt = async () => {
    held ??= await fetchCode(load);
    return held;
  };
  if (!onlyOnDemand) {
    ahead.push(async () => {
      await fetchIt().catch(() => undefined);
    });
  }
  return Object.assign(fetchIt, { held: () => held });
}

export type LazyCode<Chunk> = (() => Promise<Chunk>) & {
  /** The code, once it has come: what a key does must be done before the next key. */
  held(): Chunk | undefined;
};

export function lazyPart<Props extends object>(
  load: () => Promise<{ default: ComponentType<Props> }>,
  { wanted = () => true, place = 'pane', waiting = null, onlyOnDemand = false }: Options<Props> = {},
): LazyPart<Props> {
  let Drawn: ComponentType<Props> | undefined;
  let coming: Promise<void> | undefined;

  /** It may have come between a drawing without it and this call: whoever asks draws again. */
  function fetchPart(): Promise<void> {
    if (Drawn) return Promise.resolve();
    coming ??= fetchCode(load)
      .then((chunk) => {
        Drawn = chunk.default;
      })
      .finally(() => {
        coming = undefined;
      });
    return coming;
  }

  function Part(props: Props) {
    const [missing, setMissing] = useState(false);
    const [busy, setBusy] = useState(false);
    const [, redraw] = useReducer((times: number) => times + 1, 0);
    const used = useRef(false);
    const asked = wanted(props);
    if (asked) used.current = true;
    else if (missing) setMissing(false);

    const drawn = Drawn !== undefined;
    useEffect(() => {
      if (drawn || !asked) return;
      let gone = false;
      fetchPart().then(
        () => !gone && redraw(),
        () => !gone && setMissing(true),
      );
      return () => {
        gone = true;
      };
    }, [asked, drawn]);

    const retry = async () => {
      setBusy(true);
      await fetchPart().catch(() => undefined);
      setBusy(false);
    };
    const told = place === 'nowhere' ? 'notice' : place;
    const onDismiss = told === 'notice' && 'onClose' in props ? (props.onClose as () => void) : undefined;
    if (!used.current) return null;
    if (Drawn) {
      return (
        <Boundary resetKey={asked} place={told} onDismiss={onDismiss}>
          <Drawn {...props} />
        </Boundary>
      );
    }
    if (!missing || place === 'nowhere') return typeof waiting === 'function' ? waiting(props) : waiting;
    return <Missing place={told} busy={busy} onRetry={() => void retry()} onDismiss={onDismiss} />;
  }

  const preload = async () => {
    if (!Drawn) await fetchPart().catch(() => undefined);
  };
  if (!onlyOnDemand) ahead.push(preload);
  return Object.assign(Part, { preload });
}

function Missing(props: Omit<Parameters<typeof Stopped>[0], 'title' | 'hint'>) {
  const t = useTranslations('ui.part');
  return <Stopped {...props} title={t('missing')} hint={t('missingHint')} />;
}
