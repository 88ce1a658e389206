/** Fetches a part of the program that the page began without. What does not come can be asked for again. */

/** Vite takes a style sheet that stands in the page for one that came: one that failed must not stay there. */
if (typeof document !== 'undefined') {
  document.addEventListener(
    'error',
    ({ target }) => {
      if (target instanceof HTMLLinkElement) target.remove();
    },
    true,
  );
}

/** The second try is for a network that changed under the first, as it does when a laptop wakes. */
export async function fetchCode<Chunk>(load: () => Promise<Chunk>): Promise<Chunk> {
  try {
    return await load();
  } catch {
    return load();
  }
}
