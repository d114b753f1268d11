import { expect, type BrowserContext, type Page } from '@playwright/test';

/** Gives the pages of this context a microphone that hums at one frequency, so that voices can be told apart. */
export async function humAt(context: BrowserContext, hertz: number): Promise<void> {
  await context.addInitScript((frequency) => {
    const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await original(wanted);
      const [microphone] = stream.getAudioTracks();
      if (!microphone) return stream;
      const audio = new AudioContext();
      const tone = new OscillatorNode(audio, { frequency });
      const out = audio.createMediaStreamDestination();
      tone.connect(new GainNode(audio, { gain: 0.2 })).connect(out);
      tone.start();
      stream.removeTrack(microphone);
      microphone.stop();
      stream.addTrack(out.stream.getAudioTracks()[0]!);
      return stream;
    };
  }, hertz);
}

/** The frequencies that the page's sound elements hum at now, Hz. */
export function heard(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const context = new AudioContext();
    const streams = [...document.querySelectorAll('audio')].map((element) => element.srcObject as MediaStream | null);
    const analysers = streams
      .filter((stream) => stream !== null && stream.getAudioTracks().length > 0)
      .map((stream) => {
        const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
        context.createMediaStreamSource(stream!).connect(analyser);
        return analyser;
      });
    await new Promise((done) => setTimeout(done, 400));
    const peaks = analysers.map((analyser) => {
      const levels = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(levels);
      const peak = levels.indexOf(Math.max(...levels));
      return levels[peak]! > -60 ? (peak * context.sampleRate) / analyser.fftSize : 0;
    });
    await context.close();
    return peaks.filter((peak) => peak > 0);
  });
}

/** Waits until this hum, and no other, is heard; how long it took, ms. */
export async function expectHears(page: Page, hertz: number, withinMs = 15_000): Promise<number> {
  const begun = Date.now();
  await expect
    .poll(async () => (await heard(page)).map((peak) => Math.abs(peak - hertz) < 15), { timeout: withinMs, intervals: [100], message: `a hum of ${hertz} Hz` })
    .toEqual([true]);
  return Date.now() - begun;
}

/** Waits until all of these hums, and no others, are heard, from however many elements; how long it took, ms. */
export async function expectHearsAll(page: Page, hertz: number[], withinMs = 15_000): Promise<number> {
  const begun = Date.now();
  const nearest = (peak: number): number => hertz.find((one) => Math.abs(peak - one) < 15) ?? Math.round(peak);
  await expect
    .poll(async () => (await heard(page)).map(nearest).sort((a, b) => a - b), { timeout: withinMs, intervals: [100], message: `hums of ${hertz.join(', ')} Hz` })
    .toEqual([...hertz].sort((a, b) => a - b));
  return Date.now() - begun;
}
