/** Two soft notes, made rather than fetched: the sound test works before anything else has loaded. */
export function playChime(): void {
  const context = new AudioContext();
  const end = [660, 880].reduce((at, pitch) => note(context, pitch, at), context.currentTime + 0.05);
  setTimeout(() => void context.close(), (end - context.currentTime + 0.5) * 1000);
}

function note(context: AudioContext, pitch: number, at: number): number {
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.35, at + 0.03);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.6);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.65);
  return at + 0.4;
}
