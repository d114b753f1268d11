import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeFrame, opusTicks, steps } from './frames';
import { VoiceGate, levelDb } from './gate';
import { PlayoutRing } from './ring';
import { CODINGS, type Line, Thrift } from './thrift';
import { wasmCodec } from './wasm';

const RATE = 48_000;
const FRAME = 960;
const well: Line = { heldBytes: 0, behindMs: 0, rttMs: 80, lost: 0 };

function tone(at = 0): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: FRAME }, (_, n) => Math.sin((2 * Math.PI * 440 * (at + n)) / RATE));
}
function heard(ring: PlayoutRing, ms: number): Float32Array {
  const out = new Float32Array((ms * RATE) / 1000);
  for (let at = 0; at < out.length; at += 128) ring.pull(out.subarray(at, Math.min(out.length, at + 128)));
  return out;
}
const loud = (samples: Float32Array): boolean => samples.some((sample) => Math.abs(sample) > 0.1);

describe('frames', () => {
  it('stand as the table says', () => {
    const message = encodeFrame(30, 0x1234, 0xdeadbeef, Uint8Array.of(0x48, 7, 8));
    expect([...message]).toEqual([0x11, 30, 0x12, 0x34, 0xde, 0xad, 0xbe, 0xef, 0x48, 7, 8]);
    expect(decodeMessage(message.buffer)).toMatchObject({ kind: 'sound', speaker: 30, sequence: 0x1234, timestamp: 0xdeadbeef });
    expect(decodeMessage(Uint8Array.of(0x12, 3, 1, 2, 0, 0, 1, 2).buffer)).toEqual({ kind: 'report', lost: 3, sequence: 258, rttMs: 258 });
  });
  it('are not taken out of anything else', () => {
    for (const bytes of [[], [0x11], [0x11, 0, 0, 0, 0, 0, 0, 0], [0x21, 0, 0, 0, 0, 0, 0, 0, 1]]) {
      expect(decodeMessage(Uint8Array.from(bytes).buffer)).toBeNull();
    }
  });
  it('count across the end of sixteen bits', () => {
    expect(steps(65_535, 0)).toBe(1);
    expect(steps(2, 65_534)).toBe(-4);
  });
  it('tell how long they sound', () => {
    expect(opusTicks(Uint8Array.of(0x48))).toBe(960);
    expect(opusTicks(Uint8Array.of(0x58))).toBe(2880);
    expect(opusTicks(Uint8Array.of(0x49))).toBe(1920);
  });
});

describe('the ring', () => {
  it('waits for 60 ms and then plays what it was given', () => {
    const ring = new PlayoutRing(RATE);
    ring.push(tone(), true);
    ring.push(tone(FRAME), false);
    expect(loud(heard(ring, 10))).toBe(false);
    ring.push(tone(2 * FRAME), false);
    const out = heard(ring, 60);
    expect(out[100]).toBeCloseTo(tone()[100]!, 5);
    expect(ring.figures()).toMatchObject({ concealed: 0, total: 2880 });
  });

  it('makes up what is late, counts it, and waits longer from then on', () => {
    const ring = new PlayoutRing(RATE);
    for (let n = 0; n < 3; n += 1) ring.push(tone(n * FRAME), n === 0);
    heard(ring, 60);
    const gap = heard(ring, 60);
    expect(loud(gap.subarray(0, 960)), 'the last sound goes on').toBe(true);
    expect(Math.abs(gap.at(-1)!), 'and fades').toBeLessThan(0.02);
    ring.push(tone(), false);
    expect(ring.figures().targetMs).toBe(80);
    expect(ring.figures().concealed).toBeGreaterThan(2500);
  });

  it('takes a silence for what it is', () => {
    const ring = new PlayoutRing(RATE);
    for (let n = 0; n < 3; n += 1) ring.push(tone(n * FRAME), n === 0);
    heard(ring, 1000);
    ring.push(tone(), true);
    expect(ring.figures()).toMatchObject({ concealed: 0, targetMs: 60 });
  });

  it('never waits longer than 200 ms, and shrinks when it is calm', () => {
    const ring = new PlayoutRing(RATE);
    for (let round = 0; round < 20; round += 1) {
      for (let n = 0; n < 12; n += 1) ring.push(tone(), round === 0 && n === 0);
      heard(ring, 300);
    }
    expect(ring.figures().targetMs).toBe(200);
    for (let n = 0; n < 12; n += 1) ring.push(tone(), n === 0);
    for (let n = 0; n < 1500; n += 1) {
      ring.push(tone(), false);
      heard(ring, 20);
    }
    expect(ring.figures().targetMs).toBeLessThan(180);
  });

  it('lets go of what a burst brought', () => {
    const ring = new PlayoutRing(RATE);
    for (let n = 0; n < 50; n += 1) ring.push(tone(n * FRAME), n === 0);
    expect(ring.figures().depthMs).toBe(1000);
    heard(ring, 200);
    expect(ring.figures().depthMs).toBeLessThan(160);
  });

  it('fills the time of a lost frame', () => {
    const ring = new PlayoutRing(RATE);
    ring.push(tone(), true);
    ring.fill(FRAME);
    ring.push(tone(), false);
    const out = heard(ring, 60);
    expect(loud(out.subarray(960, 1440))).toBe(true);
    expect(ring.figures().concealed).toBe(FRAME);
  });
});

describe('the voice gate', () => {
  it('passes words and the pauses between them, and not silence', () => {
    const gate = new VoiceGate();
    expect(gate.opens(0, -30)).toBe(true);
    expect(gate.opens(300, -90)).toBe(true);
    expect(gate.opens(800, -90)).toBe(false);
    expect(gate.opens(820, -40)).toBe(true);
  });
  it('measures in dBov', () => {
    expect(levelDb(new Float32Array(960))).toBe(-127);
    expect(levelDb(new Float32Array(960).fill(1))).toBeCloseTo(0);
    expect(levelDb(new Float32Array(960).fill(0.1))).toBeCloseTo(-20);
  });
});

describe('thrift', () => {
  it('falls to long frames step by step on a line that is full, and climbs again', () => {
    const thrift = new Thrift();
    const full = { ...well, heldBytes: 4_000 };
    const seen = [0, 500, 2_500, 5_000, 7_500].map((at) => (thrift.look(at, full), thrift.coding));
    expect(seen).toEqual([CODINGS[1], CODINGS[1], CODINGS[2], CODINGS[3], CODINGS[3]]);
    thrift.look(20_000, well);
    expect(thrift.coding).toBe(CODINGS[3]);
    thrift.look(23_000, well);
    expect(thrift.coding).toBe(CODINGS[2]);
  });
  it('does not send what would come too late', () => {
    expect(Thrift.takes(well)).toBe(true);
    expect(Thrift.takes({ ...well, heldBytes: 10_000 })).toBe(false);
    expect(Thrift.takes({ ...well, behindMs: 4_000 })).toBe(false);
  });
});

describe('libopus as WebAssembly', () => {
  it.each(CODINGS)('carries a tone at $bitrate bit/s in frames of $frameMs ms', async (coding) => {
    const codec = await wasmCodec(readFileSync('node_modules/@evan/opus/wasm/opus.wasm'));
    const out: number[] = [];
    const decoder = codec.decoder((samples) => void out.push(...samples));
    let [bytes, frames] = [0, 0];
    const encoder = codec.encoder(RATE, coding, ({ opus, durationUs }) => {
      expect(durationUs).toBe(coding.frameMs * 1000);
      expect(opusTicks(opus)).toBe(coding.frameMs * 48);
      [bytes, frames] = [bytes + opus.length, frames + 1];
      decoder.decode(opus);
    });
    // Louder and quieter, as a voice: an even hum would be taken for a silence.
    const swell = (n: number): number => 0.05 + 0.3 * Math.abs(Math.sin((n * Math.PI) / 5));
    for (let n = 0; n < 60; n += 1) encoder.encode(tone(n * FRAME).map((sample) => sample * swell(n)), n * 20_000);
    expect(frames).toBe(1200 / coding.frameMs);
    expect(out.length).toBe(60 * FRAME);
    const middle = out.slice(RATE / 4, (RATE * 3) / 4);
    const crossings = middle.filter((sample, n) => sample >= 0 && (middle[n - 1] ?? 0) < 0).length;
    expect(Math.abs(crossings - 220)).toBeLessThan(4);
    expect((bytes * 8) / 1.2 / coding.bitrate).toBeLessThan(1.4);
    encoder.close();
    decoder.close();
  });
});
