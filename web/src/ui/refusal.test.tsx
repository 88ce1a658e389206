import { renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { IntlProvider } from 'use-intl';
import { expect, test } from 'vitest';
import { type Refused, useRefusals } from './refusal';

const CHINESE = { code: { username_taken: '这个名字已有人用。' }, field: { password: '这个密码太短。' } };

function inLanguage(locale: 'en' | 'zh-Hans') {
  const wrapper = ({ children }: { children: ReactNode }) => (
    <IntlProvider locale={locale} messages={locale === 'en' ? {} : { refusal: CHINESE }}>
      {children}
    </IntlProvider>
  );
  return renderHook(() => useRefusals(), { wrapper }).result.current;
}

const TAKEN: Refused = { code: 'username_taken', message: 'This name is taken.' };
const SHORT: Refused = {
  code: 'invalid',
  message: 'Some of this is not valid.',
  fields: { password: ['Use at least 8 characters.'], future: ['Something new.'] },
};

test('in English the server speaks for itself', () => {
  const refusals = inLanguage('en');
  expect(refusals.say(TAKEN, '')).toBe('This name is taken.');
  expect(refusals.ofField(SHORT, 'password')).toBe('Use at least 8 characters.');
  expect(refusals.say(SHORT, '')).toBe('Use at least 8 characters. Something new.');
});

test('in another language its word is translated, and only what has no translation stays as it is', () => {
  const refusals = inLanguage('zh-Hans');
  expect(refusals.say(TAKEN, '')).toBe(CHINESE.code.username_taken);
  expect(refusals.ofField(SHORT, 'password')).toBe(CHINESE.field.password);
  expect(refusals.ofField(SHORT, 'future')).toBe('Something new.');
  expect(refusals.say({ code: 'newer_than_this_page', message: 'Said by a newer server.' }, '')).toBe(
    'Said by a newer server.',
  );
});

test('who was never reached, or failed by itself, has said nothing', () => {
  const refusals = inLanguage('zh-Hans');
  expect(refusals.say({ code: 'unreachable', message: 'fetch failed', unreachable: true }, 'later')).toBe('later');
  expect(refusals.say(new TypeError('oops'), 'later')).toBe('later');
  expect(refusals.ofField(TAKEN, 'username')).toBeUndefined();
});
