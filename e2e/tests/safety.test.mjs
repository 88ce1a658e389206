/** What people write is text: it runs nothing, loads nothing, and leaves the page as it is. */
import assert from 'node:assert/strict';
import { eventually, Scene, suite } from '../harness/suite.mjs';

const HOSTILE = [
  '<script>globalThis.pwned = 1</script> in the open',
  '<img src="x" onerror="globalThis.pwned = 2"> a picture',
  '<svg><animate onbegin="globalThis.pwned = 3" attributeName="x"></svg> a drawing',
  '[a link](javascript:globalThis.pwned=4)',
  '[another](JaVaScRiPt:globalThis.pwned=5)',
  '[spaced](java\tscript:globalThis.pwned=6)',
  '[entity](&#106;avascript:globalThis.pwned=7)',
  '[data](data:text/html,<script>globalThis.pwned=8</script>)',
  '[vb](vbscript:msgbox)',
  '![picture](https://tracker.example/pixel.gif)',
  '<javascript:globalThis.pwned=9>',
  '<a href="https://evil.example" onclick="globalThis.pwned=10">raw</a>',
  '<iframe srcdoc="<script>parent.pwned=11</script>"></iframe> a frame',
  '<style>body{display:none}</style> a style',
  '```html\n<script>globalThis.pwned = 12</script>\n```',
  '`<img src=x onerror=globalThis.pwned=13>`',
  '[ref]: javascript:globalThis.pwned=14\n\n[ref]',
  '| a |\n|---|\n| <img src=x onerror=globalThis.pwned=15> |',
  '‮reversed‬ and​zero​width',
  `deep ${'> '.repeat(200)}down`,
  `stars ${'*'.repeat(500)}`,
  `brackets ${'['.repeat(500)}`,
];
const MARK = 'the last line of it';

suite('safety', {}, (play) => {
  play('markdown and html of an attacker show as text', async (scene) => {
    const [ann, eve] = [await scene.person('ann'), await scene.person('eve')];
    const room = await ann.createRoom('Hostile');
    await eve.join(room);
    // So high that every row is in the page.
    const at = await scene.client(ann, { viewport: { width: 1440, height: 12_000 } });
    const asked = [];
    at.page.on('request', (request) => {
      if (new URL(request.url()).origin !== scene.server.origin) asked.push(request.url());
    });
    await at.openRoom(room);
    for (const text of HOSTILE) await eve.say(room, text);
    await eve.say(room, MARK);
    await at.sees(MARK);
    await eventually(async () => {
      assert.equal(await at.page.getByTestId('message').count(), HOSTILE.length + 1, 'every row is looked at');
    });
    assert.equal(await at.page.evaluate(() => globalThis.pwned), undefined);
    const odd = await at.timeline.evaluate((list) => {
      const links = [...list.querySelectorAll('a')].filter((link) => !/^(https?|mailto):$/.test(link.protocol));
      return [...links, ...list.querySelectorAll('script, iframe, style, img:not([src^="blob:"]), object, embed')].map((one) => one.outerHTML);
    });
    assert.deepEqual(odd, []);
    assert.deepEqual(asked, [], 'nothing is fetched from elsewhere');
    for (const shown of ['<script>globalThis.pwned = 1</script> in the open', '<img src="x" onerror="globalThis.pwned = 2"> a picture']) {
      await at.message(shown).waitFor();
    }
  });

  play('a good link opens elsewhere and tells the other side nothing', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Links');
    await ann.say(room, 'see [the manual](https://example.com/manual) or https://example.org/plain');
    const at = await scene.inRoom(ann, room);
    for (const name of ['the manual', 'https://example.org/plain']) {
      const link = at.message('see').getByRole('link', { name });
      assert.match(await link.getAttribute('rel'), /noopener/);
      assert.match(await link.getAttribute('rel'), /noreferrer/);
      assert.equal(await link.getAttribute('target'), '_blank');
    }
  });

  play('names, purposes and statuses are text too', async (scene) => {
    const ann = await scene.person('ann', {
      display_name: '<img src=x onerror=pwned=1>',
      status_text: '<b onmouseover=pwned=2>here</b>',
      bio: '[me](javascript:pwned=3)',
    });
    const room = await ann.createRoom('<script>pwned=4</script>', { description: '<img src=x onerror=pwned=5>' });
    await ann.say(room, 'who am I?');
    const at = await scene.inRoom(ann, room);
    await at.sees('who am I?');
    await at.button('rooms.membersButton').click();
    await at.page.getByTestId('member').first().getByRole('button').first().click();
    await at.dialog('profile.label').waitFor();
    assert.equal(await at.page.evaluate(() => globalThis.pwned), undefined);
    assert.equal(await at.page.locator('img[src=x]').count(), 0);
    await at.heading.filter({ hasText: '<script>pwned=4</script>' }).waitFor({ state: 'attached' });
  });

  play('what a page complains about fails its test', async (scene) => {
    const spoiled = new Scene(scene.server, scene.browser);
    try {
      const guest = await spoiled.visitor();
      await guest.page.goto('/login');
      await guest.field('auth.login.username').waitFor();
      spoiled.check();
      await guest.page.evaluate(() => {
        setTimeout(() => {
          throw new Error('nobody caught this');
        });
        document.body.insertAdjacentHTML('beforeend', '<img src="https://elsewhere.example/pixel.png">');
      });
      for (const complaint of [/nobody caught this/, /broke its own policy: img-src/]) {
        await eventually(() => assert.throws(() => spoiled.check(), (fault) => complaint.test(fault.actual.join())));
      }
    } finally {
      await spoiled.close();
    }
  });

  play('code is shown as code, with its own copy button', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Code');
    const code = 'const x = "<b>&amp;</b>";\n\treturn x;';
    await ann.say(room, `look:\n\`\`\`js\n${code}\n\`\`\``);
    const at = await scene.inRoom(ann, room);
    const row = await at.pointAt('look:');
    await row.getByRole('button', { name: at.say('timeline.copyCode') }).click();
    await eventually(async () => assert.equal(await at.page.evaluate(() => navigator.clipboard.readText()), code));
  });
});
