/** Sounds that a test makes up, as files a server takes. */

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
