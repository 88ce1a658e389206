/** Videos that a test makes up, as files a server takes: recorded by a page, since nothing else here can. */

/** A film of a bright figure that moves, about so many seconds long; it begins black. */
export async function film(page, { seconds = 1.5, width = 320, height = 240 } = {}) {
  const bytes = await page.evaluate(
    async ([seconds, width, height]) => {
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      const context = canvas.getContext('2d');
      const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: 'video/webm' });
      const parts = [];
      recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
      const ended = new Promise((done) => recorder.addEventListener('stop', done));
      recorder.start();
      const from = performance.now();
      for (let at = 0; at < seconds; at = (performance.now() - from) / 1000) {
        context.fillStyle = at < 0.2 ? 'black' : `hsl(${Math.round(at * 90)} 90% 60%)`;
        context.fillRect(0, 0, width, height);
        await new Promise((next) => requestAnimationFrame(next));
      }
      recorder.stop();
      await ended;
      return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
    },
    [seconds, width, height],
  );
  return Buffer.from(bytes);
}
