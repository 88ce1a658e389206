import assert from 'node:assert/strict';

const WAIT_MS = 15_000;

/** Waits until the check passes; its last failure is the reason when it never does. */
export async function eventually(check, { within = WAIT_MS } = {}) {
  const end = Date.now() + within;
  for (;;) {
    try {
      return await check();
    } catch (cause) {
      if (Date.now() > end) throw cause;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Waits until what one sees of it says this. A row that is out of sight (`content-visibility`) has no text until a frame was drawn, though it
 * stands in the page.
 */
export function says(locator, pattern) {
  return eventually(async () => assert.match((await locator.innerText()).trim(), pattern));
}
