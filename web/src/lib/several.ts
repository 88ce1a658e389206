/** Does it for all of them, so many at a time. What failed stands in the answer with its cause; the others are done. */
export async function forSeveral<T>(
  things: readonly T[],
  atOnce: number,
  run: (thing: T) => Promise<void>,
): Promise<Map<T, unknown>> {
  const failed = new Map<T, unknown>();
  const rest = things.values();
  const work = async () => {
    for (const thing of rest) {
      try {
        await run(thing);
      } catch (cause) {
        failed.set(thing, cause);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return failed;
}
