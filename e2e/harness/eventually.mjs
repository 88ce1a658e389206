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
