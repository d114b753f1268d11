import type { ReactElement } from 'react';
import { Button } from '../design/Button';
import { clock } from './clock';

export interface PlayBarProps {
  playing: boolean;
  lengthMs: number;
  atMs: number;
  /** How far one press of an arrow key goes. */
  stepMs: number;
  /** What stands at the end: where it is, how long it is. */
  time: string;
  /** Words for the slider and the button. */
  words: { place: string; play: string; pause: string };
  onToggle(): void;
  onSeek(ms: number): void;
}

/** Play and pause, a place to go to, and how long it is: of a voice message as of a recording. */
export function PlayBar({ playing, lengthMs, atMs, stepMs, time, words, onToggle, onSeek }: PlayBarProps): ReactElement {
  return (
    <>
      <Button icon={playing ? 'pause' : 'play'} iconOnly onPress={onToggle}>
        {playing ? words.pause : words.play}
      </Button>
      <input
        type="range"
        min={0}
        max={lengthMs}
        step={stepMs}
        value={Math.min(atMs, lengthMs)}
        aria-label={words.place}
        aria-valuetext={`${clock(atMs)} / ${clock(lengthMs)}`}
        onChange={(event) => onSeek(Number(event.target.value))}
      />
      <span className="numbers small">{time}</span>
    </>
  );
}
