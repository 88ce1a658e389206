import { expect, test } from 'vitest';
import { charCount, plainText } from './plain';

test('a quote reads like speech', () => {
  expect(plainText('**Is** the `log` out?\n\n- [x] see [the plan](https://example.org)\n> ~~no~~ yes')).toBe(
    'Is the log out? see the plan no yes',
  );
});

test('code keeps its words', () => {
  expect(plainText('```rust\nfn main() {}\n```')).toBe('fn main() {}');
});

test('characters are counted as the server counts them', () => {
  expect(charCount('a你🎉')).toBe(3);
});
