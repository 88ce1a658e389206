/** A server that is far away: what pages ask and say, and what they are told, takes so much longer. */
import { FAR_MS, Line } from './line.mjs';

/** Lets every call and every socket of these pages take the long way; what a test holds up by its own hand goes by that. */
export async function beFar(context) {
  if (FAR_MS === 0) return;
  await context.route(/\/api\/(?!docs$)/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, FAR_MS));
    // The page may have turned meanwhile, and then nobody waits for the answer.
    await route.fallback().catch(() => undefined);
  });
  await context.routeWebSocket(/\/ws$/, (socket) => new Line().carry(socket));
}
