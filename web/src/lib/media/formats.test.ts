import { expect, test } from 'vitest';
import { plainType, recordedAs, recordingName, recordingType } from './formats';

const only =
  (...types: string[]) =>
  (type: string) =>
    types.includes(type);

test('Opus in WebM where there is that, else MP4, else nothing', () => {
  expect(recordingType('voice', () => true)).toBe('audio/webm;codecs=opus');
  expect(recordingType('voice', only('audio/mp4', 'video/mp4'))).toBe('audio/mp4');
  expect(recordingType('video', only('audio/mp4', 'video/mp4'))).toBe('video/mp4');
  expect(recordingType('voice', () => false)).toBeUndefined();
});

test('a media type goes without its codecs', () => {
  expect(plainType('Audio/WebM; codecs=opus')).toBe('audio/webm');
});

test('a recording is named by when it was made and what it is', () => {
  const at = new Date(2026, 10, 8, 9, 5, 7);
  expect(recordingName('voice', 'audio/webm;codecs=opus', at)).toBe('voice-2026-11-08-090507.webm');
  expect(recordingName('video', 'video/mp4', at)).toBe('video-2026-11-08-090507.mp4');
});

test('a voice is known by its message, and a video that was made for one by the name of its recording', () => {
  const made = recordingName('video', 'video/webm', new Date());
  expect(recordedAs('voice', 'any.ogg')).toBe('voice');
  expect(recordedAs('video', made)).toBe('video');
  for (const [type, name] of [
    ['video', 'holiday.mp4'],
    ['file', made],
    ['file', 'voice-2026-11-08-090507.webm'],
  ] as const)
    expect(recordedAs(type, name)).toBeUndefined();
});
