/** What axe finds on a page, as sentences. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** So many frames in a row without a movement count as rest. */
const CALM_FRAMES = 5;

/** Fades and slides have intermediate colours: what counts is the picture one ends up with. */
async function settled(page) {
  await page.evaluate(async (wanted) => {
    const frame = () => new Promise((next) => requestAnimationFrame(next));
    const ends = (one) => one.playState !== 'finished' && one.effect?.getComputedTiming().endTime !== Infinity;
    for (let calm = 0; calm < wanted; ) {
      await frame();
      // After a touch an overlay stays out of sight until the finger can no longer press what is in it.
      const hidden = [...document.querySelectorAll('[role$=dialog], [role=menu]')].some((one) => !one.checkVisibility({ opacityProperty: true }));
      const moving = hidden || document.querySelector('[data-entering], [data-exiting]') || document.getAnimations().some(ends);
      calm = moving ? 0 : calm + 1;
    }
  }, CALM_FRAMES);
}

/** @param {import('playwright-core').Page} page */
export async function violations(page) {
  await settled(page);
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(SOURCE);
  const found = await page.evaluate(async (tags) => {
    const result = await globalThis.axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
    return result.violations.flatMap(({ id, impact, help, nodes }) =>
      nodes.map((node) => `${id} (${impact}): ${help}: ${node.target.join(' ')} ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`),
    );
  }, TAGS);
  return found;
}

export async function assertAccessible(page, what) {
  const found = await violations(page);
  assert.equal(found.length, 0, `${what}:\n${found.join('\n')}`);
}
