// Runs before the first paint, so that a dark page never flashes white, and asks for what the page will need while its scripts are
// still on their way. A file of its own: the CSP allows no inline script.
(() => {
  const root = document.documentElement;
  const read = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      // Storage may be closed to us.
      return null;
    }
  };
  let look = {};
  try {
    look = JSON.parse(read('chinwag.look') ?? '{}') ?? {};
  } catch {
    // It holds nonsense: the system's look is a good answer then.
  }
  const dark = look.theme === 'dark' || (look.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'dark' : 'light';
  if (look.density === 'compact') root.dataset.density = 'compact';
  if (typeof look.scale === 'number' && look.scale >= 87 && look.scale <= 150) root.style.fontSize = `${look.scale}%`;
  const tags = typeof look.locale === 'string' ? [look.locale] : navigator.languages;
  const spoken = tags.map((tag) => tag.toLowerCase().split('-')[0]).find((tag) => tag === 'zh' || tag === 'en');
  root.lang = spoken === 'zh' ? 'zh-Hans' : 'en';
  document.querySelector('meta[name=theme-color]')?.setAttribute('content', dark ? '#0e1016' : '#f3efea');

  // A page whose first script does not come would be a picture for ever.
  addEventListener(
    'error',
    ({ target }) => {
      if (target instanceof HTMLScriptElement) root.dataset.stuck = '';
    },
    true,
  );

  // Which files stand behind which door is written here by the build (scripts/first-page.ts).
  const { files } = document.currentScript.dataset;
  if (!files) return;
  const inside = read('chinwag.session') === 'yes';
  root.dataset.door = inside ? 'in' : 'out';
  const behind = JSON.parse(files);
  for (const href of [...behind[inside ? 'in' : 'out'], ...behind[root.lang]]) {
    const link = document.createElement('link');
    link.rel = href.endsWith('.css') ? 'preload' : 'modulepreload';
    if (link.rel === 'preload') link.as = 'style';
    link.crossOrigin = '';
    link.href = href;
    document.head.append(link);
  }
  const paths = ['/api/server', ...(inside ? ['/api/auth/userinfo', '/api/rooms'] : [])];
  // Later visits have a worker, and the end of the room on this device.
  const [, room, deeper] = location.pathname.match(/^\/r\/(\d+)(\/.*)?$/) ?? [];
  if (room) root.dataset.room = room;
  if (inside && room && !deeper && !navigator.serviceWorker?.controller)
    paths.push(`/api/rooms/${room}/messages?limit=50`);
  // Whole at once: an answer that nobody comes to take would hold its connection open.
  const whole = async (answer) => new Response(await answer.arrayBuffer(), answer);
  // One that nobody answers is asked again by who wants it.
  const ask = (path) =>
    fetch(path, { credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(10_000) })
      .then(whole)
      .catch(() => undefined);
  globalThis.chinwagEarly = new Map(paths.map((path) => [path, ask(path)]));
})();
