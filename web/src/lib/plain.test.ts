import { expect, test } from 'vitest';
import { charCount, plainText } from './plain';

test('a quote reads like speech', () => {
  expect(plainText('**Is** the `log` out?\n\n- [x] see [the plan](https://example.org)\n> ~~no~~ yes')).toBe(
    'Is the log out? ☑ see the plan no yes',
  );
});

test('code keeps its words', () => {
  expect(plainText('```rust\nfn main() {}\n```')).toBe('fn main() {}');
});

test('it says what is drawn: no mark that is none goes, and no number', () => {
  expect(plainText('10~20元，snake_case\n2. a\n5. b\n- c\n---')).toBe('10~20元，snake_case 2. a 5. b • c ---');
  expect(plainText('[https://bank.example](https://evil.example)')).toBe('https://bank.example (evil.example)');
  expect(plainText('# Title\n|a|b|\n|-|-|\n|1|2|')).toBe('Title a b 1 2');
});

test('characters are counted as the server counts them', () => {
  expect(charCount('a你🎉')).toBe(3);
});
