// Runs before the first paint so that a dark page never flashes white. A file of its own: the CSP allows no inline script.
(() => {
  const root = document.documentElement;
  let look = {};
  try {
    look = JSON.parse(localStorage.getItem('chinwag.look') ?? '{}') ?? {};
  } catch {
    // Storage may be closed to us or hold nonsense; the system's look is a good answer then.
  }
  const dark = look.theme === 'dark' || (look.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'dark' : 'light';
  if (look.density === 'compact') root.dataset.density = 'compact';
  if (typeof look.scale === 'number' && look.scale >= 87 && look.scale <= 150) root.style.fontSize = `${look.scale}%`;
  if (typeof look.locale === 'string') root.lang = look.locale;
  document.querySelector('meta[name=theme-color]')?.setAttribute('content', dark ? '#0e1016' : '#f3efea');
})();
