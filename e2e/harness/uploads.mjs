/** Files on their way to the server, and what holds them up. */

/** As much as the page sends in one go. */
export const PIECE = 4 * 2 ** 20;

/** A file in the tray. */
export const tray = (at, name) => at.page.getByTestId('tray-file').filter({ hasText: name });

/** By the button's own field. */
export async function pick(at, files) {
  await at.page.locator('input[type=file]').setInputFiles(files);
}

function gate() {
  const made = {};
  made.open = new Promise((go) => {
    made.go = go;
  });
  return made;
}

/** Until `go` no upload begins. */
export async function holdUploads(at) {
  const held = gate();
  await at.page.route('**/api/files/uploads', async (route) => {
    await held.open;
    await route.continue().catch(() => undefined);
  });
  return held;
}

/** Until `go` no piece but the first of an upload gets through, in any page of this browser. What was sent, and how often, is in `offsets`. */
export async function holdPieces(at) {
  const held = { ...gate(), offsets: [], addresses: new Set() };
  await at.context.route('**/api/files/uploads/*', async (route) => {
    const request = route.request();
    if (request.method() === 'PATCH') {
      const from = Number(request.headers()['upload-offset']);
      held.offsets.push(from);
      held.addresses.add(request.url());
      if (from > 0) await held.open;
    }
    await route.continue().catch(() => undefined);
  });
  return held;
}
