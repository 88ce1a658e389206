/** The words the page has at hand: a room begins with its own, whatever opens later brings the rest. */
import type { ComponentType } from 'react';
import { create } from 'zustand';
import { type Locale, useLook } from '../state';
import { lazyPart } from '../ui';
import { loadFirst, loadMessages, type Messages } from './i18n';

interface Words {
  readonly locale: Locale;
  readonly messages: Partial<Messages>;
}

export const useWords = create<{ readonly words: Words | undefined }>(() => ({ words: undefined }));

let whole = false;
let told: Promise<void> | undefined;

/** Speaks the language of the look, as soon as its words are there. */
export async function speak(): Promise<void> {
  const { locale } = useLook.getState();
  const all = whole;
  const messages = await (all ? loadMessages(locale) : loadFirst(locale));
  // Another language, or the rest, may have been asked for meanwhile.
  if (locale !== useLook.getState().locale || all !== whole) return speak();
  useWords.setState({ words: { locale, messages } });
}

/** From here on the page knows all words. */
export function speakAll(): Promise<void> {
  if (whole && told) return told;
  whole = true;
  told = speak().catch((cause: unknown) => {
    told = undefined;
    throw cause;
  });
  return told;
}

/** Like `lazyPart`, for what says more than a room does. */
export function lazyWithWords<Props extends object>(
  load: () => Promise<{ default: ComponentType<Props> }>,
  options?: Parameters<typeof lazyPart<Props>>[1],
) {
  return lazyPart<Props>(async () => {
    const [chunk] = await Promise.all([load(), speakAll()]);
    return chunk;
  }, options);
}
