import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type LinkState, ReconnectingSocket } from './socket';

class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: string[] = [];
  onopen: () => void = () => undefined;
  onclose: () => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  open(): void {
    this.readyState = 1;
    this.onopen();
  }
  drop(): void {
    this.readyState = 3;
    this.onclose();
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.drop();
  }
}

const states: LinkState[] = [];
const heard: unknown[] = [];
let link: ReconnectingSocket<{ t: string }, { t: string }>;
const last = (): FakeSocket => FakeSocket.all.at(-1) as FakeSocket;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
  FakeSocket.all = [];
  states.length = 0;
  heard.length = 0;
  link = new ReconnectingSocket('/visits/v/socket', 'visit', { onMessage: (message) => heard.push(message), onState: (state) => states.push(state) });
});
afterEach(() => {
  link.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('comes back by itself, waiting longer each time', () => {
  last().open();
  last().drop();
  expect(states).toEqual(['open', 'reconnecting']);
  vi.advanceTimersByTime(1_000);
  expect(FakeSocket.all).toHaveLength(2);
  last().drop();
  vi.advanceTimersByTime(400);
  expect(FakeSocket.all).toHaveLength(2);
  vi.advanceTimersByTime(1_000);
  expect(FakeSocket.all).toHaveLength(3);
  last().open();
  expect(link.state).toBe('open');
});

test('comes back at once when the network does', () => {
  last().open();
  last().drop();
  window.dispatchEvent(new Event('online'));
  expect(FakeSocket.all).toHaveLength(2);
});

test('is kept when it is doubted and answers', () => {
  last().open();
  window.dispatchEvent(new Event('online'));
  expect(last().sent).toEqual(['{"t":"ping"}']);
  last().onmessage({ data: '{"t":"pong"}' });
  vi.advanceTimersByTime(60_000);
  expect(FakeSocket.all).toHaveLength(1);
  expect(heard).toEqual([]);
});

test('gives way to another when it is doubted and says nothing', () => {
  const former = last();
  former.open();
  link.doubt();
  vi.advanceTimersByTime(300);
  expect(FakeSocket.all).toHaveLength(2);
  // No way to the server yet: tried again soon.
  last().drop();
  vi.advanceTimersByTime(400);
  expect(FakeSocket.all).toHaveLength(3);
  expect(former.readyState).toBe(FakeSocket.OPEN);
  last().open();
  last().onmessage({ data: '{"t":"hello"}' });
  expect(former.readyState).toBe(3);
  expect(states).toEqual(['open']);
  expect(heard).toEqual([{ t: 'hello' }]);
  link.send({ t: 'media' });
  expect(last().sent).toEqual(['{"t":"media"}']);
  vi.advanceTimersByTime(60_000);
  expect(FakeSocket.all).toHaveLength(3);
});

test('is kept when it answers before another is open', () => {
  const former = last();
  former.open();
  link.doubt();
  vi.advanceTimersByTime(300);
  const rival = last();
  former.onmessage({ data: '{"t":"pong"}' });
  expect(rival.readyState).toBe(3);
  link.send({ t: 'media' });
  expect(former.sent).toEqual(['{"t":"ping"}', '{"t":"media"}']);
  vi.advanceTimersByTime(60_000);
  expect(FakeSocket.all).toHaveLength(2);
});

test('counts as lost when there is neither an answer nor another', () => {
  last().open();
  link.doubt();
  vi.advanceTimersByTime(20_000);
  expect(states).toEqual(['open', 'reconnecting']);
  last().open();
  expect(link.state).toBe('open');
});

test('says whether a message left, and ignores what is not JSON', () => {
  expect(link.send({ t: 'media' })).toBe(false);
  last().open();
  expect(link.send({ t: 'media' })).toBe(true);
  expect(last().sent).toEqual(['{"t":"media"}']);
  last().onmessage({ data: 'nonsense' });
  last().onmessage({ data: '{"t":"visit"}' });
  expect(heard).toEqual([{ t: 'visit' }]);
});

test('stays away after the server said that it is over', () => {
  last().open();
  last().onmessage({ data: '{"t":"over","code":"visit.ended"}' });
  vi.advanceTimersByTime(60_000);
  expect(link.state).toBe('over');
  expect(FakeSocket.all).toHaveLength(1);
});
