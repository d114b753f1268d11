/**
 * From mouth to ear: a microphone that says short tones at known moments, and an ear that tells when each of them is to be
 * heard at the other end. Both go by the clock of the machine.
 *
 * A moment of an `AudioContext` is brought to that clock by reading both again and again around it: samples are given out
 * in pieces, so the earliest reading is the right one. What stands outside of it are the buffers of real devices: there
 * are none here.
 */
import type { BrowserContext, Page } from '@playwright/test';

/** A tone that was said or heard: its pitch, Hz, and its beginning by the clock of the machine, ms. */
export interface Tone {
  pitch: number;
  at: number;
}

declare global {
  interface Window {
    bianqueMouth?: { said: (Tone & { moment: number })[]; stream: MediaStream };
    bianqueHeard?: (Tone & { moment: number })[];
  }
}

/** Hz: told apart by counting for a fiftieth of a second. Four in turn, so that a tone may be late by almost two seconds. */
const PITCHES = [900, 1_400, 2_100, 3_000];
const EVERY_S = 0.5;

/** Gives the pages of this context a microphone that murmurs, as somebody who speaks, and says a tone twice a second. */
export async function speakTones(context: BrowserContext): Promise<void> {
  await context.addInitScript(
    ({ pitches, every }) => {
      const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (wanted) => {
        const stream = await original(wanted);
        const [microphone] = stream.getAudioTracks();
        if (!microphone) return stream;
        stream.removeTrack(microphone);
        microphone.stop();
        window.bianqueMouth ??= speak();
        stream.addTrack(window.bianqueMouth.stream.getAudioTracks()[0]!.clone());
        return stream;
      };
      function speak(): NonNullable<Window['bianqueMouth']> {
        const audio = new AudioContext({ sampleRate: 48_000 });
        const out = audio.createMediaStreamDestination();
        const murmur = new OscillatorNode(audio, { frequency: 300 });
        murmur.connect(new GainNode(audio, { gain: 0.02 })).connect(out);
        murmur.start();
        const said: (Tone & { moment: number })[] = [];
        let [next, count] = [audio.currentTime + 1, 0];
        setInterval(() => {
          for (; next < audio.currentTime + 2; next += every) {
            const pitch = pitches[count++ % pitches.length]!;
            const tone = new OscillatorNode(audio, { frequency: pitch });
            tone.connect(new GainNode(audio, { gain: 0.5 })).connect(out);
            tone.start(next);
            tone.stop(next + 0.04);
            said.push({ pitch, moment: next, at: Number.POSITIVE_INFINITY });
          }
        }, 200);
        setInterval(() => {
          const [now, moment] = [performance.timeOrigin + performance.now(), audio.currentTime];
          for (const tone of said.slice(-10)) {
            if (Math.abs(tone.moment - moment) < 0.25) tone.at = Math.min(tone.at, now + (tone.moment - moment) * 1000);
          }
        }, 15);
        return { said, stream: out.stream };
      }
    },
    { pitches: PITCHES, every: EVERY_S },
  );
}

/** Begins to listen in a page: to what it plays of the other, or to its own microphone without anything between. */
export async function listen(page: Page, to: 'the other' | 'oneself'): Promise<void> {
  await page.evaluate((own) => {
    const audio = new AudioContext({ sampleRate: 48_000 });
    const ear = new AnalyserNode(audio, { fftSize: 8_192 });
    const samples = new Float32Array(ear.fftSize);
    const heard: (Tone & { moment: number })[] = [];
    window.bianqueHeard = heard;
    let [stream, source]: [MediaStream | null, MediaStreamAudioSourceNode | null] = [null, null];
    const [quiet, count] = [240, 960];
    const loudest = (from: number, to: number): number => samples.subarray(from, to).reduce((most, one) => Math.max(most, Math.abs(one)), 0);
    setInterval(() => {
      const played = [...document.querySelectorAll('audio')].map((element) => element.srcObject as MediaStream | null);
      const there = own ? window.bianqueMouth!.stream : (played.find((one) => one?.getAudioTracks().length) ?? null);
      if (there !== stream) {
        source?.disconnect();
        [stream, source] = [there, there && audio.createMediaStreamSource(there)];
        source?.connect(ear);
      }
      ear.getFloatTimeDomainData(samples);
      const [now, end] = [performance.timeOrigin + performance.now(), audio.currentTime];
      for (const tone of heard.slice(-3)) {
        if (end - tone.moment < 0.25) tone.at = Math.min(tone.at, now + (tone.moment - end) * 1000);
      }
      const after = (heard.at(-1)?.moment ?? 0) + 0.2;
      for (let index = quiet; index + count < samples.length; index += 1) {
        const moment = end - (samples.length - index) / audio.sampleRate;
        if (moment < after || Math.abs(samples[index]!) < 0.15 || loudest(index - quiet, index) >= 0.15) continue;
        let crossings = 0;
        for (let at = index + 1; at < index + count; at += 1) if (samples[at]! > 0 !== samples[at - 1]! > 0) crossings += 1;
        heard.push({ pitch: crossings * 25, moment, at: now + (moment - end) * 1000 });
        break;
      }
    }, 40);
  }, to === 'oneself');
}

/** What a page has said so far. */
export function saidBy(page: Page): Promise<Tone[]> {
  return page.evaluate(() => window.bianqueMouth!.said.filter(({ at }) => Number.isFinite(at)).map(({ pitch, at }) => ({ pitch, at })));
}

/** What a page has heard so far. */
export function heardBy(page: Page): Promise<Tone[]> {
  return page.evaluate(() => (window.bianqueHeard ?? []).map(({ pitch, at }) => ({ pitch, at })));
}

export interface Delays {
  /** ms. */
  p50: number;
  p95: number;
  said: number;
  heard: number;
}

/** How long the tones that were said within this time, by the clock, took to the ear; those that never came are counted. */
export function delaysOf(said: Tone[], heard: Tone[], from: number, to: number): Delays {
  const within = said.filter(({ at }) => at >= from && at < to);
  const took = within.flatMap(({ pitch, at }) => {
    const tone = heard.find((one) => one.at >= at - 5 && one.at < at + 1_900 && Math.abs(one.pitch - pitch) < pitch / 6);
    return tone ? [tone.at - at] : [];
  });
  took.sort((a, b) => a - b);
  const part = (of: number): number => took[Math.min(took.length - 1, Math.floor(took.length * of))] ?? Number.NaN;
  return { p50: part(0.5), p95: part(0.95), said: within.length, heard: took.length };
}
