/** What a browser can record, what we want of that most, and what a file of it is called. */

export type RecordingKind = 'voice' | 'video';

/** The first that a browser has. Safari long had only MP4. */
const WANTED: Readonly<Record<RecordingKind, readonly string[]>> = {
  voice: ['audio/webm;codecs=opus', 'audio/mp4'],
  video: ['video/webm;codecs=vp9,opus', 'video/webm;codecs=vp8,opus', 'video/webm', 'video/mp4'],
};

export function recordingType(kind: RecordingKind, has: (type: string) => boolean): string | undefined {
  return WANTED[kind].find(has);
}

/** Without what only a player needs to know. */
export function plainType(type: string): string {
  return type.split(';')[0]?.trim().toLowerCase() ?? '';
}

const ENDINGS: Readonly<Record<string, string>> = {
  'audio/webm': 'webm',
  'audio/mp4': 'm4a',
  'audio/ogg': 'ogg',
  'video/webm': 'webm',
  'video/mp4': 'mp4',
};

/** What a recording is called where it is kept as a file. */
export function recordingName(kind: RecordingKind, type: string, at: Date): string {
  const two = (part: number) => `${part}`.padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join('');
  return `${kind}-${day}-${time}.${ENDINGS[plainType(type)] ?? 'bin'}`;
}

const FILMED = /^video-\d{4}-\d\d-\d\d-\d{6}\./;

/**
 * What was spoken or filmed for its message is no file to people: nobody gave it its name. The type tells that of a voice; a film that
 * was only attached has the same type as a video message, and another name than a recorder gives.
 */
export function recordedAs(messageType: string, fileName: string): RecordingKind | undefined {
  if (messageType === 'voice') return 'voice';
  return messageType === 'video' && FILMED.test(fileName) ? 'video' : undefined;
}
