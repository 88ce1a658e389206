/** The same in 中文, typed with an input method. */
import assert from 'node:assert/strict';
import { PASSWORD } from '../harness/api.mjs';
import { eventually, suite } from '../harness/suite.mjs';

const ZH = { locale: 'zh-Hans' };

suite('中文', {}, (play) => {
  play('注册、进房间、发言、被同事看到，全程中文', async (scene) => {
    const host = await scene.person('李明');
    const room = await host.createRoom('产品讨论', { description: '只谈产品' });
    const open = await scene.inRoom(host, room, ZH);
    const guest = await scene.visitor(ZH);
    await guest.page.goto('/register');
    await guest.page.getByRole('heading', { name: guest.say('auth.register.title') }).waitFor();
    assert.equal(await guest.page.evaluate(() => document.documentElement.lang), 'zh-Hans');
    await guest.field('auth.username').fill('王小芳');
    await guest.field('auth.email').fill('xiaofang@example.com');
    await guest.field('auth.password').fill(PASSWORD);
    await guest.button('auth.register.submit').click();
    await guest.composer.waitFor();
    await guest.button('app.browse').first().click();
    const dialog = guest.page.getByRole('dialog');
    await dialog.getByRole('searchbox').fill('产品');
    await dialog.getByRole('button', { name: guest.like('roomDialogs.joinNamed', { room: '产品讨论' }) }).click();
    await guest.page.waitForURL(`**/r/${room.id}`);
    await guest.post('大家好，我是新来的 😀');
    await open.sees('大家好，我是新来的 😀');
    await open.post('欢迎 @王小芳！');
    await guest.sees('欢迎');
    assert.equal(await guest.message('欢迎').getAttribute('data-named'), 'true', '中文名字也能被提到');
    await eventually(async () => {
      assert.match(await guest.page.title(), /产品讨论/);
      assert.deepEqual(await leftInEnglish(guest.page), [], '页面上没有漏翻的英文');
    });
  });

  play('输入法选字时按回车不会发送', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('输入法');
    const at = await scene.inRoom(ann, room, ZH);
    await at.composer.click();
    const cdp = await at.context.newCDPSession(at.page);
    await cdp.send('Input.imeSetComposition', { text: 'nihao', selectionStart: 5, selectionEnd: 5 });
    await at.hasDraft('nihao');
    await at.press('Enter');
    await at.press('ArrowUp');
    await at.press('Escape');
    assert.equal(await at.count('nihao'), 0, '选字时的按键属于输入法');
    await cdp.send('Input.insertText', { text: '你好' });
    await eventually(async () => assert.match(await at.draft(), /你好/));
    await at.composer.fill('');
    await at.hasDraft('');
    await cdp.send('Input.imeSetComposition', { text: 'shijie', selectionStart: 6, selectionEnd: 6 });
    await cdp.send('Input.insertText', { text: '世界' });
    await at.hasDraft('世界');
    await at.press('Enter');
    await at.seesOnce('世界');
    const said = (await ann.history(room)).filter((row) => row.type === 'text').map((row) => row.content);
    assert.deepEqual(said, ['世界']);
  });

  play('换语言不用重新登录，也不丢草稿', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Languages');
    const at = await scene.inRoom(ann, room);
    await at.write('draft in English');
    await at.link('app.settings').click();
    await at.link('settings.pages.language').click();
    const told = at.page.waitForResponse((answer) => answer.request().method() === 'PUT');
    await at.page.getByText('简体中文').click();
    await told;
    const zh = at.in('zh-Hans');
    await zh.page.getByRole('heading', { name: zh.say('settings.pages.language') }).waitFor();
    await zh.button('ui.close').click();
    await zh.hasDraft('draft in English');
    await zh.page.reload();
    await zh.composer.waitFor();
    assert.equal(await zh.page.evaluate(() => document.documentElement.lang), 'zh-Hans');
    assert.equal((await ann.call('GET', '/api/auth/userinfo')).locale, 'zh-Hans', '服务器也记住了');
  });
});

/** Words of three Latin letters or more that are neither names nor keys. */
function leftInEnglish(page) {
  return page.evaluate(() => {
    const known = /^(Chinwag|Ctrl|Shift|Enter|Esc|Alt|Tab|王小芳|产品讨论|lobby|Lobby)$/;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const host = node.parentElement;
      if (!host || host.closest('script, style, kbd') || !host.checkVisibility()) continue;
      for (const word of node.textContent.match(/[A-Za-z]{3,}/g) ?? []) if (!known.test(word)) found.push(word);
    }
    for (const one of document.querySelectorAll('[aria-label], [placeholder], [data-tip]')) {
      for (const name of ['aria-label', 'placeholder', 'data-tip']) {
        for (const word of one.getAttribute(name)?.match(/[A-Za-z]{3,}/g) ?? []) if (!known.test(word)) found.push(`${name}: ${word}`);
      }
    }
    return [...new Set(found)];
  });
}
