import { expect, test } from 'vitest';
import { byteSize } from './bytes';
import { fileKind, fileSuffix } from './file-kind';

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1000, '1 kB'],
  [1_234_567, '1.2 MB'],
  [234_567_890, '235 MB'],
  [52_428_800, '52.4 MB'],
  [7e12, '7,000 GB'],
])('%d bytes are %s', (bytes, words) => {
  expect(byteSize(bytes, 'en')).toBe(words);
});

test('a size is said in the language of the reader', () => {
  expect(byteSize(980, 'zh-Hans')).toContain('字节');
});

test.each([
  ['image/png', 'picture'],
  ['application/zip', 'archive'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'sheet'],
  ['application/pdf', 'text'],
  ['application/json', 'code'],
  ['application/octet-stream', 'other'],
  ['', 'other'],
])('a file of type "%s" is drawn as %s', (type, kind) => {
  expect(fileKind(type)).toBe(kind);
});

test.each([
  ['report.pdf', 'PDF'],
  ['a.tar.gz', 'GZ'],
  ['.env', ''],
  ['no ending', ''],
  ['a sentence. With words', ''],
])('the end of "%s" is "%s"', (name, suffix) => {
  expect(fileSuffix(name)).toBe(suffix);
});
