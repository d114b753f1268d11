/**
 * The ladder of a call, as this end of it climbs: from WebRTC down to sound alone when WebRTC does not come, or is lost
 * and does not come back, and up again as soon as it is there. It decides; others do.
 */
import type { Rung, RungStep } from '../api/messages';

/**
 * How long WebRTC may take to connect before there is sound without it. UDP and TCP need a few round trips, TURN in TLS
 * eight or so with all that comes before: on a line of which one takes 600 ms there is sound first, and WebRTC a moment later.
 */
const CONNECT_MS = 4_000;
/** How long it may stay lost once that is noticed, which takes some three seconds by itself. */
const BACK_MS = 3_000;

export interface LadderOptions {
  /** Sound is wanted from now on, or no longer. */
  onSound(wanted: boolean): void;
  onStep(step: RungStep): void;
}

export class Ladder {
  #rung: Rung = 'none';
  #rtc: Rung | null = null;
  #wasUp = false;
  #wanted = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: LadderOptions) {}

  get rung(): Rung {
    return this.#rung;
  }

  get wantsSound(): boolean {
    return this.#wanted;
  }

  /** The call is being joined: the clock runs. */
  begin(): void {
    this.#await(CONNECT_MS);
  }

  /** WebRTC flows, by this way. */
  up(rung: Rung): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const cause = this.#wasUp || this.#rung === 'sound' ? 'restored' : 'joined';
    this.#wasUp = true;
    this.#rtc = rung;
    this.#step(rung, cause);
    this.#want(false);
  }

  /** WebRTC does not flow at present. */
  down(): void {
    if (this.#rtc === null) return;
    this.#rtc = null;
    this.#await(BACK_MS);
  }

  /** The server does not take the call by WebRTC now: there is no use in waiting before there is sound. */
  refused(): void {
    this.#rtc = null;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#want(true);
  }

  /** The socket of the sound is open, or is not. */
  sound(open: boolean): void {
    if (this.#rtc !== null || !this.#wanted) return;
    if (open) this.#step('sound', this.#wasUp ? 'lost' : 'not-connected');
    else if (this.#rung === 'sound') this.#step('none', 'socket-lost');
  }

  /** The call is over here. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#want(false);
  }

  #await(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#want(true), ms);
  }

  #want(wanted: boolean): void {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    this.options.onSound(wanted);
  }

  #step(to: Rung, cause: RungStep['cause']): void {
    const from = this.#rung;
    if (from === to) return;
    this.#rung = to;
    this.options.onStep({ from, to, cause });
  }
}
