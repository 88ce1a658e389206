import { expect, test } from 'vitest';
import { ApiError } from '../../net/http';
import { problemsOf as problemsIn } from './problems';

const FIELDS = ['username', 'email', 'password'];

/** No words of our own: the server's. */
const problemsOf = (cause: unknown, known: readonly string[]) =>
  problemsIn(cause, known, {
    say: (refused, otherwise) => (refused instanceof ApiError ? refused.message : otherwise),
    ofField: (refused, field) => (refused instanceof ApiError ? refused.fields[field]?.join(' ') : undefined),
  });

test('each field of a 422 gets its own sentence', () => {
  const cause = new ApiError(422, 'invalid', 'Some of this is not valid.', {
    username: ['One.', 'Two.'],
    email: ['Three.'],
  });
  expect(problemsOf(cause, FIELDS)).toEqual({ fields: { username: { text: 'One. Two.' }, email: { text: 'Three.' } } });
});

test('a sentence about a field the form lacks is shown for the whole form', () => {
  const cause = new ApiError(422, 'invalid', 'Some of this is not valid.', { server_name: ['Too long.'] });
  expect(problemsOf(cause, FIELDS)).toEqual({ fields: {}, form: { text: 'Too long.' } });
});

test.each([
  ['username_taken', 'username', 'nameTaken'],
  ['email_taken', 'email', 'emailTaken'],
])('%s is said at %s, in our own words', (code, field, key) => {
  expect(problemsOf(new ApiError(409, code, 'x'), FIELDS)).toEqual({ fields: { [field]: { key } } });
});

test('wrong credentials do not say which of the two is wrong', () => {
  expect(problemsOf(new ApiError(401, 'bad_credentials', 'x'), FIELDS)).toEqual({
    fields: {},
    form: { key: 'badCredentials' },
  });
});

test('too many tries tell how long to wait', () => {
  expect(problemsOf(new ApiError(429, 'rate_limited', 'x', {}, 12_400), FIELDS).form).toEqual({
    key: 'tooFast',
    seconds: 13,
  });
});

test('an unreachable server is not the person’s mistake', () => {
  expect(problemsOf(new ApiError(0, 'unreachable', ''), FIELDS).form).toEqual({ key: 'unreachable' });
});

test('what nobody foresaw still says to try again', () => {
  expect(problemsOf(new TypeError('oops'), FIELDS).form).toEqual({ key: 'unknown' });
});

test('another refusal shows the server’s own sentence', () => {
  expect(problemsOf(new ApiError(403, 'forbidden', 'You may not do that here.'), FIELDS).form).toEqual({
    text: 'You may not do that here.',
  });
});
