/**
 * When ICE is restarted. A restart throws away what the one before it has found so far, so one that is under way is left
 * alone; and a path that was just found is not doubted for a sign that the browser gives late.
 */

/** So long a restart is given before another may be of use. */
const TRIED_MS = 5_000;
/** So long after one has helped, a change of the network that the browser tells of is taken for the one that was mended. */
const MENDED_MS = 5_000;
/** Waits for a restart to help before it is tried again, longer each time: there is sound without it meanwhile. */
const AGAIN_MS = [5_000, 5_000, 8_000, 12_000, 15_000] as const;

/** The wait after so many that did not help. */
export function restartAgainAfter(restarts: number): number {
  return AGAIN_MS[Math.min(restarts, AGAIN_MS.length - 1)] ?? 0;
}

/** `dead` is that nothing comes by the path; `change` that there may be another or a better one. */
export type RestartCause = 'dead' | 'change';

export class Restarts {
  #begun: number | null = null;
  /** Its offer waits for an answer. */
  #open = false;
  #answered = false;
  #helped = Number.NEGATIVE_INFINITY;

  /** How long to wait before there may be a restart, ms; 0 is now. */
  wait(now: number, cause: RestartCause): number {
    const underWay = this.#begun === null ? 0 : this.#begun + TRIED_MS - now;
    const mended = cause === 'change' ? this.#helped + MENDED_MS - now : 0;
    return Math.max(0, underWay, mended);
  }

  begin(now: number): void {
    [this.#begun, this.#answered] = [now, false];
  }

  /** Its offer has gone out. */
  offered(): void {
    this.#open = true;
  }

  get isOffered(): boolean {
    return this.#open;
  }

  /** The server has answered an offer, or refused it: what flows from now on may be due to the restart. */
  answered(): void {
    this.#answered ||= this.#open;
    this.#open = false;
  }

  /** Something comes by the path. */
  flows(now: number): void {
    if (this.#begun === null || !this.#answered) return;
    [this.#begun, this.#helped] = [null, now];
  }

  /** What is under way leads nowhere: the browser has given up, or was without a network. */
  forget(): void {
    this.#begun = null;
  }
}
