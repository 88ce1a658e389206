/** Sounds that a test makes up, as files a server takes, and whether they are heard. */
import assert from 'node:assert/strict';
import { eventually } from './eventually.mjs';

/** Presses what begins it, and waits until this player has sounded: a short sound may have ended before one looks. */
export async function sounded(player, button) {
  const heard = await player.evaluateHandle((one) => {
    const phases = [];
    new MutationObserver(() => phases.push(one.dataset.phase)).observe(one, { attributeFilter: ['data-phase'] });
    return phases;
  });
  await button.click();
  await eventually(async () => {
    const phases = await heard.jsonValue();
    assert.ok(phases.includes('playing'), `it was ${phases}`);
  });
}

/** A WAV of a tone, so many seconds long. */
export function tone(seconds, rate = 8000) {
  const samples = Math.round(seconds * rate);
  const sound = Buffer.alloc(44 + samples);
  sound.write('RIFF', 0);
  sound.writeUInt32LE(36 + samples, 4);
  sound.write('WAVEfmt ', 8);
  sound.writeUInt32LE(16, 16);
  sound.writeUInt16LE(1, 20);
  sound.writeUInt16LE(1, 22);
  sound.writeUInt32LE(rate, 24);
  sound.writeUInt32LE(rate, 28);
  sound.writeUInt16LE(1, 32);
  sound.writeUInt16LE(8, 34);
  sound.write('data', 36);
  sound.writeUInt32LE(samples, 40);
  for (let at = 0; at < samples; at += 1) sound[44 + at] = 128 + Math.round(60 * Math.sin((at * 2 * Math.PI * 440) / rate));
  return sound;
}
