/** Pictures of every screen: two sizes, two themes, two languages, into `shots/`. For the eye, not for comparing by machine. */
import { mkdir } from 'node:fs/promises';
import { assertAccessible } from './harness/axe.mjs';
import { picture as pictureFile } from './harness/pictures.mjs';
import { DESKTOP, launch, PHONE, Scene } from './harness/suite.mjs';
import { Server } from './harness/server.mjs';
import { tell } from './harness/story.mjs';

const OUT = new URL('./shots/', import.meta.url);
/** Only pictures whose name holds one of these. */
const only = process.argv.slice(2);
const SIZES = { desktop: { viewport: DESKTOP }, phone: PHONE };
const THEMES = ['light', 'dark'];
const LOCALES = ['en', 'zh-Hans'];

/** One name that fails too often is made to wait. */
let strangers = 0;

/** Screens before the login. */
const BEFORE = {
  welcome: (at) => at.page.goto('/'),
  setup: async (at, { link }) => {
    await at.page.goto(link);
    await at.field('auth.password').fill('a sentence');
  },
  login: (at) => at.page.goto('/login'),
  'login-refused': async (at) => {
    strangers += 1;
    await at.page.goto('/login');
    await at.field('auth.login.username').fill(`maya${strangers}`);
    await at.field('auth.password').fill('not the one');
    await at.button('auth.login.submit').click();
    await at.text('auth.problem.badCredentials').waitFor();
  },
  register: async (at) => {
    await at.page.goto('/register');
    await at.button('auth.register.submit').click();
    await at.text('auth.problem.nameMissing').waitFor();
  },
};

/** Screens of Maya. */
const AFTER = {
  room: async (at, { rooms }) => {
    await at.openRoom(rooms.release);
    await at.sees('Better than I hoped.');
  },
  'room-hover': async (at, { rooms }) => {
    await at.openRoom(rooms.release);
    await at.message('Will do, today').hover();
  },
  'room-unread': async (at, { rooms }) => at.openRoom(rooms.design),
  'room-chinese': async (at, { rooms }) => at.openRoom(rooms.chinese),
  'room-top': async (at, { rooms }) => {
    await at.openRoom(rooms.release);
    await at.sees('Better than I hoped.');
    await at.timeline.evaluate((list) => list.scrollTo(0, 0));
  },
  direct: async (at, { direct }) => at.openRoom(direct),
  empty: async (at, { rooms }) => at.openRoom(rooms.board),
  gone: (at) => at.page.goto('/r/999999'),
  list: async (at) => {
    await at.page.goto('/');
    await at.room('release').waitFor();
  },
  reply: async (at, { rooms }) => {
    await at.page.goto(`/r/${rooms.random.id}`);
    await at.message('There is cake').first().focus();
    await at.press('r');
    await at.composer.pressSequentially('I will be there, @ai');
    await at.page.getByRole('option').first().waitFor();
  },
  members: async (at, { rooms }) => {
    await at.page.goto(`/r/${rooms.release.id}?panel=members`);
    await at.page.getByTestId('member').first().waitFor();
  },
  'files-panel': async (at, { rooms }) => {
    await at.page.goto(`/r/${rooms.release.id}?panel=files`);
    await at.page.getByRole('tablist', { name: at.say('fileList.kinds') }).waitFor();
  },
  'files-all': async (at) => {
    await at.page.goto('/files');
    await at.page.getByRole('tablist', { name: at.say('fileList.kinds') }).waitFor();
  },
  details: async (at, { rooms }) => {
    await at.page.goto(`/r/${rooms.release.id}?panel=details`);
    await at.page.getByRole('complementary').getByRole('button', { name: at.say('rooms.editRoom') }).waitFor();
  },
  'avatar-choose': async (at) => {
    await at.page.goto('/settings/profile');
    await at.button('avatars.choose').click();
    await at.page.getByRole('radio', { name: at.say('avatars.drawn.frog') }).check();
  },
  'avatar-crop': async (at, facts) => {
    await AFTER['avatar-choose'](at, facts);
    const buffer = pictureFile(900, 600);
    await at.page.getByTestId('avatar-file').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer });
    await at.page.locator('[data-testid=crop-stage][data-there]').waitFor();
  },
  profile: async (at, { rooms }) => {
    await at.page.goto(`/r/${rooms.release.id}?panel=members`);
    await at.page.getByTestId('member').filter({ hasText: '李明' }).getByRole('button').first().click();
    await at.dialog('profile.label').waitFor();
  },
  'member-menu': async (at, { rooms }) => {
    await at.page.goto(`/r/${rooms.release.id}?panel=members`);
    const row = at.page.getByTestId('member').filter({ hasText: 'Jonas' });
    await row.hover();
    await row.getByRole('button').last().click();
    await at.page.getByRole('menu').waitFor();
  },
  kick: async (at, facts) => {
    await AFTER['member-menu'](at, facts);
    await at.page.getByRole('menuitem', { name: at.say('members.kick') }).click();
    await at.page.getByRole('alertdialog').or(at.page.getByRole('dialog')).last().waitFor();
  },
  'add-people': async (at, { rooms }) => {
    await at.page.goto(`/r/${rooms.board.id}?panel=members`);
    await at.page.getByTestId('member').first().waitFor();
    await at.button('members.add').last().click();
    await at.page.getByRole('dialog').getByText('@jonas').waitFor();
  },
  'add-people-chosen': async (at, facts) => {
    await AFTER['add-people'](at, facts);
    const options = at.page.getByRole('dialog').locator('[role=option]:not([aria-disabled])');
    await options.first().click();
    await options.first().click();
    await options.nth(1).hover();
  },
  preview: async (at, { rooms }) => {
    await at.page.goto(`/r/${rooms.bookclub.id}`);
    await at.button('roomDialogs.join').waitFor();
  },
  'edit-room': async (at, facts) => {
    await AFTER.details(at, facts);
    await at.page.getByRole('complementary').getByRole('button', { name: at.say('rooms.editRoom') }).click();
    await at.button('roomDialogs.save').waitFor();
  },
  'leave-room': async (at, facts) => {
    await AFTER.details(at, facts);
    await at.button('roomDialogs.leave').click();
    await at.page.getByRole('dialog').waitFor();
  },
  'delete-room': async (at, facts) => {
    await AFTER.details(at, facts);
    await at.button('roomDialogs.deleteRoom').click();
    await at.page.getByRole('dialog').waitFor();
  },
  menu: async (at, { rooms }) => {
    await at.openRoom(rooms.release);
    await at.message('Will do, today').focus();
    await at.press('Enter');
    await at.page.getByRole('menu').waitFor();
  },
  recall: async (at, { rooms }) => {
    await at.openRoom(rooms.release);
    await at.message('I am. It only happens').focus();
    await at.press('Delete');
    await at.page.getByRole('dialog').waitFor();
  },
  browse: async (at) => {
    await at.page.goto('/');
    await at.button('app.browse').first().click();
    await at.page.getByRole('dialog').getByText('bookclub').waitFor();
  },
  'browse-none': async (at, facts) => {
    await AFTER.browse(at, facts);
    await at.page.getByRole('searchbox').fill('gardening');
    await at.text('roomDialogs.browseNone').waitFor();
  },
  create: async (at) => {
    await at.page.goto('/');
    await at.button('rooms.create').first().click();
    await at.page.getByRole('dialog').waitFor();
  },
  'start-direct': async (at) => {
    await at.page.goto('/');
    await at.button('rooms.startDirect').first().click();
    await at.page.getByRole('dialog').getByText('@jonas').waitFor();
  },
  jump: async (at, { rooms }) => {
    await at.openRoom(rooms.release);
    await at.press('Control+k');
    await at.page.getByRole('option').first().waitFor();
  },
  'jump-none': async (at, facts) => {
    await AFTER.jump(at, facts);
    await at.type('qqqqqq');
    await at.page.getByRole('option').first().waitFor({ state: 'detached' });
  },
  'desk-menu': async (at) => {
    await at.page.goto('/');
    await at.button('app.menu').click();
    await at.page.getByRole('menu').waitFor();
  },
  help: async (at, { rooms }) => {
    await at.openRoom(rooms.release);
    await at.press('Control+/');
    await at.dialog('keys.title').waitFor();
  },
  emoji: async (at, { rooms }) => {
    await at.openRoom(rooms.release);
    await at.button('composer.emoji').click();
    await at.page.getByRole('grid').waitFor();
  },
  offline: async (at, { rooms, line }) => {
    await at.openRoom(rooms.random);
    await at.sees('There is cake');
    await at.context.setOffline(true);
    await line.cut();
    await at.text('connection.offline').waitFor();
    await at.write('Save me a piece!');
    await at.page.getByTestId('send').click();
    await at.message('Save me a piece!').last().waitFor();
  },
  reconnecting: async (at, { rooms, line }) => {
    await at.openRoom(rooms.release);
    await at.sees('Better than I hoped.');
    await line.cut();
    await at.text('connection.reconnecting').waitFor();
  },
  settings: async (at) => {
    await at.page.goto('/settings');
    await at.link('settings.pages.profile').waitFor();
  },
  ...Object.fromEntries(
    ['profile', 'account', 'appearance', 'language', 'keyboard', 'about'].map((page) => [
      `settings-${page}`,
      async (at) => {
        await at.page.goto(`/settings/${page}`);
        await at.page.getByRole('heading', { name: at.say(`settings.pages.${page}`) }).first().waitFor();
      },
    ]),
  ),
  'settings-keyboard-taken': async (at) => {
    await at.page.goto('/settings/keyboard');
    await at.page.locator('[data-key="composer.italic"]').click();
    await at.press('Control+;');
    await at.page.locator('[data-key="composer.code"]').click();
    await at.press('Control+b');
    await at.page.getByRole('alert').waitFor();
  },
  kit: async (at) => {
    await at.page.goto('/_kit');
    await at.heading.waitFor();
  },
  docs: async (at) => {
    await at.page.goto('/api/docs');
    await at.page.getByText('/api/auth/login').first().waitFor();
  },
  // What these leave behind would show on the screens after them.
  edit: async (at, { rooms }) => {
    await at.openRoom(rooms.release);
    await at.message('can you do the migration notes').focus();
    await at.press('e');
    await at.text('composer.editing').waitFor();
  },
  'too-long': async (at, { rooms }) => {
    await at.openRoom(rooms.board);
    await at.write('Long words. '.repeat(350));
    await at.text('composer.tooLong').waitFor();
  },
  refused: async (at, { rooms, line }) => {
    line.refusal = 'You may not write here.';
    await at.openRoom(rooms.board);
    await at.write('Does this arrive?');
    await at.page.getByTestId('send').click();
    await at.message('Does this arrive?').last().getByRole('button', { name: at.say('timeline.retry') }).waitFor();
  },
  'session-ended': async (at, { rooms }) => {
    await at.openRoom(rooms.release);
    await at.context.request.post('/api/auth/logout', { headers: { origin: new URL(at.page.url()).origin } });
    await at.page.getByRole('alertdialog', { name: at.say('auth.ended.title') }).waitFor();
  },
};

/** Screens with more below: shown whole. */
const TALL = new Set(['kit', 'settings-account', 'settings-keyboard', 'settings-keyboard-taken', 'help']);

/** Makes the page as high as what it has to show, and gives the height it had. */
async function stretch(page) {
  const { width, height } = page.viewportSize();
  const hidden = await page.evaluate(() =>
    Math.max(
      ...[...document.querySelectorAll('*')].map((one) =>
        /auto|scroll/.test(getComputedStyle(one).overflowY) || one === document.documentElement ? one.scrollHeight - one.clientHeight : 0,
      ),
    ),
  );
  await page.setViewportSize({ width, height: height + hidden });
  return () => page.setViewportSize({ width, height });
}

async function picture(at, screen, label) {
  await at.page.locator('main').first().waitFor({ state: 'attached' });
  await at.page.evaluate(() => document.fonts.ready);
  await assertAccessible(at.page, `${screen} ${label}`).catch((cause) => console.error(cause.message));
  const shrink = TALL.has(screen) ? await stretch(at.page) : undefined;
  await at.page.screenshot({ path: new URL(`${screen}-${label}.png`, OUT).pathname, animations: 'disabled' });
  await shrink?.();
}

async function looks(scene, visit) {
  for (const [size, shape] of Object.entries(SIZES)) {
    for (const theme of THEMES) {
      for (const locale of LOCALES) {
        await visit({ ...shape, colorScheme: theme, locale }, `${size}-${theme}-${locale}`);
      }
    }
  }
}

async function main() {
  await mkdir(OUT, { recursive: true });
  const server = await Server.start();
  const browser = await launch();
  const scene = new Scene(server, browser);
  const shoot = async (screens, client, label, facts) => {
    const line = await client.line();
    for (const [screen, open] of Object.entries(screens)) {
      if (only.length > 0 && !only.some((part) => `${screen}-${label}`.includes(part))) continue;
      try {
        await client.page.goto('about:blank');
        await open(client, { ...facts, line });
        await picture(client, screen, label);
      } catch (cause) {
        console.error(`${screen} ${label}: ${cause.message.split('\n')[0]}`);
        process.exitCode = 1;
      }
      await client.context.setOffline(false);
      line.mend();
      line.refusal = undefined;
    }
  };
  try {
    const link = server.setupLink;
    await looks(scene, async (shape, label) => {
      await shoot(BEFORE, await scene.visitor(shape), label, { link });
    });
    const facts = await tell(server);
    const watcher = await scene.client(facts.people.aisha);
    await watcher.openRoom(facts.rooms.release);
    const other = await scene.client(facts.people.liming);
    await other.openRoom(facts.rooms.chinese);
    await looks(scene, async (shape, label) => {
      const again = { ...facts.people.maya, username: 'maya', password: facts.people.maya.password };
      await shoot(AFTER, await scene.client(again, shape), label, facts);
    });
  } finally {
    await scene.close();
    await browser.close();
    await server.remove();
  }
}

await main();
