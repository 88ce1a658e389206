/** Pictures of every screen: two sizes, two themes, two languages, into `shots/`. For the eye, not for comparing by machine. */
import { mkdir } from 'node:fs/promises';
import { assertAccessible } from './harness/axe.mjs';
import { DESKTOP, launch, PHONE, Scene } from './harness/suite.mjs';
import { Server } from './harness/server.mjs';
import { tell } from './harness/story.mjs';

const OUT = new URL('./shots/', import.meta.url);
const only = process.argv[2];
const SIZES = { desktop: { viewport: DESKTOP }, phone: PHONE };
const THEMES = ['light', 'dark'];
const LOCALES = ['en', 'zh-Hans'];

/** Screens before the login. */
const BEFORE = {
  welcome: (at) => at.page.goto('/'),
  setup: async (at, { link }) => {
    await at.page.goto(link);
    await at.field('auth.password').fill('a sentence');
  },
  login: (at) => at.page.goto('/login'),
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
    const row = at.message('There is cake');
    await row.focus();
    await at.press('r');
    await at.composer.pressSequentially('I will be there, @ai');
    await at.page.getByRole('option').first().waitFor();
  },
  members: async (at, { rooms }) => {
    await at.page.goto(`/r/${rooms.release.id}?panel=members`);
    await at.page.getByTestId('member').first().waitFor();
  },
  details: async (at, { rooms }) => {
    await at.page.goto(`/r/${rooms.release.id}?panel=details`);
    await at.page.getByRole('complementary').getByRole('button', { name: at.say('rooms.editRoom') }).waitFor();
  },
  profile: async (at, { rooms }) => {
    await at.page.goto(`/r/${rooms.release.id}?panel=members`);
    await at.page.getByTestId('member').filter({ hasText: '李明' }).getByRole('button').first().click();
    await at.dialog('profile.label').waitFor();
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
  offline: async (at, { rooms }) => {
    await at.openRoom(rooms.random);
    await at.sees('There is cake');
    await at.context.setOffline(true);
    await at.text('connection.offline').waitFor();
    await at.write('Save me a piece!');
    await at.page.getByTestId('send').click();
    await at.message('Save me a piece!').waitFor();
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
  kit: async (at) => {
    await at.page.goto('/_kit');
    await at.heading.waitFor();
  },
  docs: async (at) => {
    await at.page.goto('/api/docs');
    await at.page.getByText('/api/auth/login').first().waitFor();
  },
};

async function picture(at, screen, label) {
  await at.page.locator('main').first().waitFor({ state: 'attached' });
  await at.page.evaluate(() => document.fonts.ready);
  await assertAccessible(at.page, `${screen} ${label}`).catch((cause) => console.error(cause.message));
  await at.page.screenshot({ path: new URL(`${screen}-${label}.png`, OUT).pathname, animations: 'disabled' });
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
    for (const [screen, open] of Object.entries(screens)) {
      if (only && !`${screen}-${label}`.includes(only)) continue;
      try {
        await client.page.goto('about:blank');
        await open(client, facts);
        await picture(client, screen, label);
      } catch (cause) {
        console.error(`${screen} ${label}: ${cause.message.split('\n')[0]}`);
        process.exitCode = 1;
      }
      await client.context.setOffline(false);
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
