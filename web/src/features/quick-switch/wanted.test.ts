import { expect, test } from 'vitest';
import { wantedBy } from './wanted';

test.each([
  ['', '', undefined],
  [' design ', 'design', undefined],
  ['@may', 'may', 'person'],
  ['＠李', '李', 'person'],
  ['# ops', 'ops', 'room'],
  ['＃发布', '发布', 'room'],
  ['a@b', 'a@b', undefined],
])('%j', (query, words, kind) => {
  expect(wantedBy(query)).toEqual({ words, kind });
});
