import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CallMessageFromClient } from '../api/messages';
import { CallPeer } from './peer';

/** As much of a connection as a call needs that has neither microphone nor camera, and the path that the test says. */
class Connection extends EventTarget {
  static last: Connection;
  connectionState = 'new';
  signalingState = 'stable';
  localDescription: { sdp: string } | null = null;
  /** What has come by the path. */
  bytes = 0;
  #offers = 0;

  constructor() {
    super();
    Connection.last = this;
  }
  addTransceiver(): object {
    return { mid: null, direction: 'sendonly', sender: { replaceTrack: () => Promise.resolve() } };
  }
  getTransceivers(): [] {
    return [];
  }
  setConfiguration(): void {}
  createOffer({ iceRestart }: { iceRestart: boolean }): Promise<object> {
    this.#offers += 1;
    return Promise.resolve({ sdp: `${iceRestart ? 'restart' : 'offer'} ${this.#offers}` });
  }
  setLocalDescription(description: { sdp: string }): Promise<void> {
    [this.localDescription, this.signalingState] = [description, 'have-local-offer'];
    return Promise.resolve();
  }
  setRemoteDescription(): Promise<void> {
    this.signalingState = 'stable';
    return Promise.resolve();
  }
  getStats(): Promise<Map<string, object>> {
    return Promise.resolve(
      new Map<string, object>([
        ['T', { id: 'T', type: 'transport', selectedCandidatePairId: 'P' }],
        ['P', { id: 'P', type: 'candidate-pair', localCandidateId: 'L', bytesReceived: this.bytes }],
        ['L', { id: 'L', candidateType: 'host', protocol: 'udp' }],
      ]),
    );
  }
  close(): void {}
  becomes(state: string): void {
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }
}

let sent: CallMessageFromClient[];
let peer: CallPeer;
let doubts: number;

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal('RTCPeerConnection', Connection);
  [sent, doubts] = [[], 0];
  peer = new CallPeer({
    send: (message) => sent.push(message),
    onTracks: () => undefined,
    onState: () => undefined,
    onDoubt: () => void (doubts += 1),
    iceServers: () => [],
  });
  await peer.start(null);
  answer();
  Connection.last.becomes('connected');
  await flows(6_000);
});
afterEach(() => {
  peer.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const answer = (): void => peer.handle({ t: 'call.answer', sdp: 'answer' });
const restarts = (): number => sent.filter((message) => 'sdp' in message && message.sdp.startsWith('restart')).length;

async function flows(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 200) {
    Connection.last.bytes += 1_000;
    await vi.advanceTimersByTimeAsync(200);
  }
}
const nothing = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

test('a path that dies is restarted once, also when the browser says after that that the network has changed', async () => {
  await nothing(1_200);
  expect([restarts(), doubts]).toEqual([1, 1]);
  peer.networkChanged();
  await nothing(100);
  answer();
  await nothing(100);
  expect(restarts()).toBe(1);
  await flows(1_000);
  // Bandwidth and delay are measured anew after a break, of which browsers tell as of a change of the network.
  peer.networkChanged();
  await flows(3_000);
  expect(restarts()).toBe(1);
  await flows(3_000);
  peer.networkChanged();
  await flows(200);
  expect(restarts()).toBe(2);
});

test('it is restarted again when the first did not help, and not before that had its time', async () => {
  await nothing(1_200);
  answer();
  await nothing(4_000);
  expect(restarts()).toBe(1);
  await nothing(1_600);
  expect(restarts()).toBe(2);
});

test('a restart that waits for its answer is not followed by another', async () => {
  await nothing(12_000);
  expect(restarts()).toBe(1);
  expect(doubts).toBeGreaterThan(1);
  answer();
  await nothing(100);
  expect(restarts()).toBe(1);
});

test('what the browser itself has given up is restarted at once', async () => {
  await nothing(1_200);
  answer();
  await nothing(300);
  Connection.last.becomes('failed');
  await nothing(100);
  expect(restarts()).toBe(2);
});

test('a path that dies again is restarted again at once', async () => {
  await nothing(1_200);
  answer();
  await flows(2_600);
  await nothing(1_600);
  expect(restarts()).toBe(2);
});
