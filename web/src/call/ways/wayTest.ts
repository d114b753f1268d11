/**
 * Tries the ways to the media server before the call, by a call with oneself: one end sends a made-up picture, the other
 * receives it. All ways are connected at once; over the best of those that pass a picture then flows for some seconds.
 */
import { type Speaker, socketAddress } from '../../api/client';
import type { CallMessageFromServer, IceServer, WayReport } from '../../api/messages';
import { type TestPicture, testPicture } from './testPicture';

/** The ways of WebRTC, best first. */
export type TestedWay = 'udp' | 'tcp' | 'relay';
export const WAYS: readonly TestedWay[] = ['udp', 'tcp', 'relay'];

/** What does not connect in this time does not pass. */
const CONNECT_MS = 6_000;
/** A better way that is slower to connect is waited for as long as this, once another is there. */
const BETTER_MS = 2_500;
/** The picture flows for this long before it is measured, and while it is. */
const SETTLE_MS = 1_500;
const MEASURE_MS = 2_500;
const PICTURE_MAX_BPS = 2_000_000;
const PINGS = 5;

interface Sample {
  sent: number;
  received: number;
  packets: number;
  lost: number;
  jitterS: number | null;
  rttS: number | null;
}

/** Answers one report per way, best first, sound last. */
export async function testWays(visitId: string, as: Speaker, signal: AbortSignal): Promise<WayReport[]> {
  const tests = WAYS.map((way) => new WayTest(visitId, as, way));
  const stop = (): void => tests.forEach((test) => test.close());
  signal.addEventListener('abort', stop);
  try {
    const opening = tests.map((test) => test.connect());
    const best = await bestOf(tests, opening);
    const flowing = best ? await best.measure() : null;
    // The others have connected meanwhile, or never will.
    await Promise.all(opening);
    const sound = await soundOf(tests);
    return [...tests.map((test) => (test === best && flowing ? { ...test.report(), ...flowing } : test.report())), sound];
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** The best that passes: the first in order, unless it keeps the others waiting. */
async function bestOf(tests: readonly WayTest[], opening: readonly Promise<boolean>[]): Promise<WayTest | null> {
  const some = Promise.any(opening.map(async (passes) => ((await passes) ? true : Promise.reject(new Error('does not pass')))));
  if (!(await some.catch(() => false))) return null;
  await Promise.race([opening[0], wait(BETTER_MS)]);
  return tests.find((test) => test.passes) ?? null;
}

async function soundOf(tests: readonly WayTest[]): Promise<WayReport> {
  const pings = await tests[0]?.pings();
  const sorted = [...(pings ?? [])].sort((a, b) => a - b);
  const rtt_ms = sorted[Math.floor(sorted.length / 2)];
  return { ...NOTHING, rung: 'sound', passes: rtt_ms !== undefined, rtt_ms: rtt_ms === undefined ? null : round(rtt_ms) };
}

const NOTHING = { passes: false, connect_ms: null, rtt_ms: null, jitter_ms: null, loss: null, up_mbps: null, down_mbps: null };

/** One way: two ends, each with a socket of its own. */
class WayTest {
  readonly #near: TestEnd;
  readonly #far: TestEnd;
  #connectMs: number | null = null;
  #rttMs: number | null = null;

  constructor(visitId: string, as: Speaker, readonly way: TestedWay) {
    this.#near = new TestEnd(visitId, as, 'near', way);
    this.#far = new TestEnd(visitId, as, 'far', way);
  }

  get passes(): boolean {
    return this.#connectMs !== null;
  }

  async connect(): Promise<boolean> {
    const begun = performance.now();
    const both = Promise.all([this.#near.connect(), this.#far.connect()]).then(() => true, () => false);
    if (!(await Promise.race([both, wait(CONNECT_MS).then(() => false)]))) return false;
    this.#connectMs = round(performance.now() - begun);
    this.#rttMs = msOf((await this.#sample()).rttS);
    return true;
  }

  /** Lets a picture flow from end to end and answers what became of it. */
  async measure(): Promise<Pick<WayReport, 'rtt_ms' | 'jitter_ms' | 'loss' | 'up_mbps' | 'down_mbps'>> {
    const picture = testPicture();
    try {
      await this.#near.show(picture);
      await wait(SETTLE_MS);
      const [from, begun] = [await this.#sample(), performance.now()];
      await wait(MEASURE_MS);
      return figures(from, await this.#sample(), performance.now() - begun);
    } finally {
      picture.stop();
    }
  }

  report(): WayReport {
    return { ...NOTHING, rung: this.way, passes: this.passes, connect_ms: this.#connectMs, rtt_ms: this.#rttMs };
  }

  pings(): Promise<number[]> {
    return this.#near.pings();
  }

  close(): void {
    this.#near.close();
    this.#far.close();
  }

  async #sample(): Promise<Sample> {
    const [near, far] = await Promise.all([this.#near.stats(), this.#far.stats()]);
    return sampleOf(near, far);
  }
}

/** The statistics of both ends, as one sample. */
export function sampleOf(near: Iterable<Record<string, unknown>>, far: Iterable<Record<string, unknown>>): Sample {
  const sample: Sample = { sent: 0, received: 0, packets: 0, lost: 0, jitterS: null, rttS: null };
  for (const entry of near) {
    if (entry.type === 'outbound-rtp') sample.sent += number(entry.bytesSent) ?? 0;
    if (entry.type === 'candidate-pair' && (entry.nominated === true || entry.selected === true)) {
      sample.rttS = number(entry.currentRoundTripTime) ?? sample.rttS;
    }
    if (entry.type === 'remote-inbound-rtp') sample.rttS ??= number(entry.roundTripTime);
  }
  for (const entry of far) {
    if (entry.type !== 'inbound-rtp') continue;
    sample.received += number(entry.bytesReceived) ?? 0;
    sample.packets += number(entry.packetsReceived) ?? 0;
    sample.lost += number(entry.packetsLost) ?? 0;
    if (entry.kind === 'video') sample.jitterS = number(entry.jitter);
  }
  return sample;
}

/** What happened between two samples. */
export function figures(from: Sample, to: Sample, ms: number): Pick<WayReport, 'rtt_ms' | 'jitter_ms' | 'loss' | 'up_mbps' | 'down_mbps'> {
  const rate = (bytes: number): number => round(Math.max(0, bytes * 8) / 1_000 / ms);
  const packets = Math.max(0, to.packets - from.packets);
  // Packets that came after all are counted back: never below nothing.
  const lost = Math.max(0, to.lost - from.lost);
  return {
    rtt_ms: msOf(to.rttS ?? from.rttS),
    jitter_ms: msOf(to.jitterS),
    loss: packets + lost > 0 ? Math.round((lost / (packets + lost)) * 10_000) / 10_000 : null,
    up_mbps: rate(to.sent - from.sent),
    down_mbps: rate(to.received - from.received),
  };
}

type ToEnd = CallMessageFromServer | { t: 'hello'; ice_servers: IceServer[] } | { t: 'pong'; n: number } | { t: 'over' };

/** One end of a test call: a socket and, once it is greeted, a connection that can take one way only. */
class TestEnd {
  readonly #socket: WebSocket;
  readonly #greeted: Promise<IceServer[]>;
  #connection: RTCPeerConnection | null = null;
  #line: RTCRtpTransceiver | null = null;
  #hear: (message: ToEnd) => void = () => undefined;
  #queue: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(visitId: string, as: Speaker, private readonly end: 'near' | 'far', private readonly way: TestedWay) {
    const path = `/visits/${encodeURIComponent(visitId)}/test-call`;
    const address = new URL(socketAddress(path, as));
    address.searchParams.set('end', end);
    address.searchParams.set('way', way);
    this.#socket = new WebSocket(address);
    this.#greeted = new Promise((resolve, reject) => {
      this.#hear = (message) => message.t === 'hello' && resolve(message.ice_servers);
      this.#socket.onclose = () => reject(new Error('the socket was closed'));
    });
    // Nobody may be waiting when it fails.
    this.#greeted.catch(() => undefined);
    this.#socket.onmessage = (event) => this.#hear(JSON.parse(String(event.data)) as ToEnd);
  }

  async connect(): Promise<void> {
    const servers = await this.#greeted;
    if (this.#closed) throw new Error('closed');
    const relay = this.way === 'relay';
    if (relay && servers.length === 0) throw new Error('no relay is offered');
    const connection = new RTCPeerConnection({
      bundlePolicy: 'max-bundle',
      iceServers: relay ? servers : [],
      iceTransportPolicy: relay ? 'relay' : 'all',
    });
    this.#connection = connection;
    const connected = new Promise<void>((resolve, reject) => {
      connection.onconnectionstatechange = () => {
        if (connection.connectionState === 'connected') resolve();
        else if (connection.connectionState === 'failed') reject(new Error('does not pass'));
      };
    });
    this.#hear = (message) => this.#signal(connection, message);
    this.#line = connection.addTransceiver(this.end === 'near' ? 'video' : 'audio', {
      direction: 'sendonly',
      ...(this.end === 'near' ? { sendEncodings: [{ maxBitrate: PICTURE_MAX_BPS }] } : {}),
    });
    await connection.setLocalDescription();
    this.#send({ t: 'call.join', sdp: connection.localDescription?.sdp ?? '', sources: {} });
    await connected;
  }

  async show(picture: TestPicture): Promise<void> {
    await this.#line?.sender.replaceTrack(picture.track);
  }

  async stats(): Promise<Record<string, unknown>[]> {
    const entries: Record<string, unknown>[] = [];
    (await this.#connection?.getStats())?.forEach((entry: Record<string, unknown>) => entries.push(entry));
    return entries;
  }

  /** Round trips over the socket, ms; none when it does not open. */
  async pings(): Promise<number[]> {
    const pings: number[] = [];
    if (this.#socket.readyState !== WebSocket.OPEN) return pings;
    for (let n = 0; n < PINGS; n += 1) {
      const begun = performance.now();
      const back = new Promise<boolean>((resolve) => {
        this.#hear = (message) => message.t === 'pong' && message.n === n && resolve(true);
      });
      this.#send({ t: 'ping', n });
      if (await Promise.race([back, wait(CONNECT_MS).then(() => false)])) pings.push(performance.now() - begun);
    }
    return pings;
  }

  close(): void {
    this.#closed = true;
    this.#connection?.close();
    this.#socket.close();
  }

  #signal(connection: RTCPeerConnection, message: ToEnd): void {
    if (message.t !== 'call.answer' && message.t !== 'call.offer') return;
    const sdp = only(this.way, message.sdp);
    const step = async (): Promise<void> => {
      if (message.t === 'call.answer') {
        if (connection.signalingState === 'have-local-offer') await connection.setRemoteDescription({ type: 'answer', sdp });
      } else if (connection.signalingState === 'stable') {
        await connection.setRemoteDescription({ type: 'offer', sdp });
        await connection.setLocalDescription();
        this.#send({ t: 'call.answer', sdp: connection.localDescription?.sdp ?? '' });
      }
    };
    this.#queue = this.#queue.then(step).catch(() => undefined);
  }

  #send(message: unknown): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

/** A session description of the server without the candidates of other ways. */
export function only(way: TestedWay, sdp: string): string {
  // A relay reaches the server's UDP candidates, which only it understands.
  const protocol = way === 'tcp' ? 'tcp' : 'udp';
  return sdp
    .split('\r\n')
    .filter((line) => !line.startsWith('a=candidate:') || line.split(' ')[2]?.toLowerCase() === protocol)
    .join('\r\n');
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function msOf(seconds: number | null): number | null {
  return seconds === null ? null : round(seconds * 1_000);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
