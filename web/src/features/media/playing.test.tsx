import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Message } from '../../gen/wire';
import messages from '../../locales/en';
import { useChat, useSession } from '../../state';
import { message, room, user } from '../../state/samples';
import { EMPTY_CHAT } from '../../state/world';
import { AttachedAudio } from './attached';
import NowPlaying from './now-playing';
import { changeRate, soundBegins, stop, usePlayback, useRate } from './playing';

/** An element that sounds as far as its events say so. */
class Speaker extends EventTarget {
  static last: Speaker | undefined;
  src = '';
  preload = '';
  currentTime = 0;
  duration = Number.NaN;
  playbackRate = 1;
  defaultPlaybackRate = 1;
  readyState = 0;
  seeking = false;
  ended = false;
  readonly done: string[] = [];

  constructor() {
    super();
    Speaker.last = this;
  }
  async play(): Promise<void> {
    this.done.push('play');
    this.dispatchEvent(new Event('playing'));
  }
  pause(): void {
    this.done.push('pause');
    this.dispatchEvent(new Event('pause'));
  }
  load(): void {
    this.readyState = 0;
  }
  hasAttribute(): boolean {
    return this.src !== '';
  }
  removeAttribute(): void {
    this.src = '';
  }
  /** Enough has come. */
  come(duration: number): void {
    this.readyState = 1;
    this.duration = duration;
    for (const name of ['durationchange', 'loadedmetadata']) this.dispatchEvent(new Event(name));
  }
  reach(at: number): void {
    this.currentTime = at;
    this.dispatchEvent(new Event('timeupdate'));
  }
  /** It has played to its end, and says so as long as it stands there. */
  end(): void {
    this.ended = true;
    this.dispatchEvent(new Event('ended'));
    this.ended = false;
  }
}
// The page has one for good: so do these tests.
vi.stubGlobal('Audio', Speaker);
const speaker = () => Speaker.last ?? new Speaker();

const sound = (id: number, file_name: string, duration: number, waveform: number[] = []) => ({
  id,
  file_name,
  file_size: 9,
  file_type: 'audio/webm',
  category: 'audio' as const,
  thumbs: [],
  duration,
  waveform,
});
const song = sound(11, 'song.mp3', 60);
const voice = sound(12, 'voice.webm', 8, [0, 50, 100]);
const held = message(3, { id: 3, room_id: 7, user_id: 2, username: 'maya', type: 'voice', attachments: [voice] });

const onOpen = vi.fn();
function show() {
  return render(
    <IntlProvider locale="en" messages={messages} timeZone="UTC">
      <AttachedAudio file={song} message={message(2, { id: 2, room_id: 7, type: 'file' })} />
      <AttachedAudio file={voice} message={held} />
      <NowPlaying onOpen={onOpen} />
    </IntlProvider>,
  );
}

beforeEach(() => {
  useSession.setState({ status: 'active', me: user(1) });
  useChat.setState(
    {
      ...EMPTY_CHAT,
      users: { 2: user(2, { username: 'maya', display_name: 'Maya' }) },
      rooms: { 7: room(7, { name: 'Studio' }) },
      messages: { 7: { 3: { ...held, changed: 3 } } },
    },
    true,
  );
  onOpen.mockReset();
});
afterEach(() => {
  act(() => stop());
  act(() => useRate.setState({ rate: 1 }));
  usePlayback.setState({ left: [] });
  localStorage.clear();
  cleanup();
});

const press = (name: string | RegExp, at = 0) => {
  const [button] = screen.getAllByRole('button', { name }).slice(at);
  if (button) fireEvent.click(button);
};
const position = (title: string) => screen.getByRole<HTMLInputElement>('slider', { name: `Position in ${title}` });

test('one sound at a time: the second pauses the first, which goes on where it was left', () => {
  show();
  press('Play: song.mp3');
  act(() => speaker().come(60));
  act(() => speaker().reach(20));
  press('Play: Voice message from Maya');
  expect(speaker().src).toBe('/api/files/12');
  expect(position('song.mp3').value).toBe('20');
  press('Play: song.mp3');
  expect(speaker().src).toBe('/api/files/11');
  act(() => speaker().come(60));
  expect(speaker().currentTime).toBe(20);
});

test('what plays is told with its room, leads to its message, and goes on without its player', () => {
  const { rerender } = show();
  press('Play: Voice message from Maya');
  rerender(
    <IntlProvider locale="en" messages={messages} timeZone="UTC">
      <NowPlaying onOpen={onOpen} />
    </IntlProvider>,
  );
  expect(usePlayback.getState().phase).toBe('playing');
  expect(screen.getByRole('region', { name: 'Now playing' }).textContent).toContain('Studio');
  press(/Studio/);
  expect(onOpen).toHaveBeenCalledWith(7, 3);
  press('Close');
  expect(screen.queryByRole('region', { name: 'Now playing' })).toBeNull();
  expect(speaker().src).toBe('');
});

test('a place on the line is gone to, also before it ever played', () => {
  show();
  fireEvent.change(position('Voice message from Maya'), { target: { value: '4' } });
  expect(speaker().src).toBe('/api/files/12');
  act(() => speaker().come(Number.POSITIVE_INFINITY));
  expect(speaker().currentTime).toBe(4);
  // What a browser recorded does not know its own length.
  expect(position('Voice message from Maya').max).toBe('8');
  fireEvent.change(position('Voice message from Maya'), { target: { value: '6' } });
  expect(speaker().currentTime).toBe(6);
});

test('the speed holds for all that is played, and for the next visit', () => {
  show();
  press('Speed: 1 times');
  press('Speed: 1.5 times');
  press('Play: song.mp3');
  act(() => speaker().come(60));
  expect(speaker().playbackRate).toBe(2);
  act(() => changeRate());
  expect(speaker().playbackRate).toBe(1);
  act(() => changeRate());
  expect(localStorage.getItem('chinwag.rate')).toBe('1.5');
});

test('after a voice comes the one that follows at once, and nothing where something else was said', () => {
  const said = (id: number, type: 'voice' | 'text', file = voice) =>
    message(id, { username: 'maya', type, attachments: type === 'voice' ? [{ ...file, id: id + 100 }] : [] });
  const rows = [said(3, 'voice'), said(4, 'voice'), said(5, 'text'), said(6, 'voice')];
  useChat.setState({
    messages: { 7: Object.fromEntries(rows.map((row) => [row.id, { ...row, changed: row.seq }])) },
    logs: { '7': [{ from: 1, to: 9, ids: [3, 4, 5, 6] }] },
  });
  render(
    <IntlProvider locale="en" messages={messages} timeZone="UTC">
      <AttachedAudio file={{ ...voice, id: 103 }} message={rows[0] as Message} />
    </IntlProvider>,
  );
  press('Play: Voice message from Maya');
  expect(speaker().src).toBe('/api/files/103');
  const end = () => act(() => speaker().end());
  end();
  expect(speaker().src).toBe('/api/files/104');
  expect(usePlayback.getState()).toMatchObject({
    phase: 'playing',
    track: { title: 'Voice message from Maya', messageId: 4 },
  });
  end();
  expect(usePlayback.getState().phase).toBe('idle');
});

test('who moves it back before its end is told keeps it', () => {
  show();
  press('Play: song.mp3');
  act(() => speaker().come(60));
  fireEvent.change(position('song.mp3'), { target: { value: '60' } });
  fireEvent.change(position('song.mp3'), { target: { value: '10' } });
  act(() => void speaker().dispatchEvent(new Event('ended')));
  expect(usePlayback.getState()).toMatchObject({ phase: 'playing', track: { title: 'song.mp3' } });
  expect(position('song.mp3').value).toBe('10');
});

test('a video, or a recording, silences what plays', () => {
  show();
  press('Play: song.mp3');
  act(() => soundBegins(undefined));
  expect(usePlayback.getState().phase).toBe('paused');
});

test('what cannot be played says so and offers the file', () => {
  show();
  press('Play: song.mp3');
  act(() => void speaker().dispatchEvent(new Event('error')));
  expect(screen.getByRole('alert').textContent).toContain('It cannot be played here.');
  expect(screen.getByRole('link', { name: 'Download' }).getAttribute('href')).toBe('/api/files/11/download');
});

test('what is taken back is not heard any longer', () => {
  show();
  press('Play: Voice message from Maya');
  act(() =>
    useChat.setState(({ messages }) => ({
      messages: { ...messages, 7: { 3: { ...held, changed: 4, recalled_at: held.created_at } } },
    })),
  );
  expect(usePlayback.getState().phase).toBe('idle');
});

test('who logs out hears nothing more', () => {
  show();
  press('Play: song.mp3');
  act(() => useSession.setState({ status: 'anonymous', me: null }));
  expect(speaker().src).toBe('');
});
