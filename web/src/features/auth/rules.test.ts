import { expect, test } from 'vitest';
import { emailProblem, nameProblem, passwordProblem } from './rules';

test.each(['maya', '李明', 'maya_l', 'a.b-c', 'Ünal', '7', '_bot'])('%j is a name', (name) => {
  expect(nameProblem(name)).toBeUndefined();
});

test.each([
  ['', 'nameMissing'],
  ['  ', 'nameMissing'],
  ['two words', 'nameForm'],
  ['.dot', 'nameForm'],
  ['dash-', 'nameForm'],
  ['a@b', 'nameForm'],
  ['x'.repeat(33), 'nameLong'],
])('%j is refused: %s', (name, problem) => {
  expect(nameProblem(name)).toBe(problem);
});

test.each(['maya@example.com', 'a.b+c@x.y', 'root@localhost'])('%j is an address', (address) => {
  expect(emailProblem(address)).toBeUndefined();
});

test.each(['maya', 'maya@', '@example.com', 'a b@c.d', 'a@b@c', 'a@.b', 'a@b.'])('%j is not', (address) => {
  expect(emailProblem(address)).toBe('emailForm');
});

test('a password is counted in characters, below and above', () => {
  expect(passwordProblem('🦊'.repeat(7), 8)).toBe('passwordShort');
  expect(passwordProblem('🦊'.repeat(8), 8)).toBeUndefined();
  expect(passwordProblem('🦊'.repeat(128), 8)).toBeUndefined();
  expect(passwordProblem('🦊'.repeat(129), 8)).toBe('passwordLong');
});
