/** Whether something still comes by a path, told by how it came before. */

/** Where something came all the time, so long without anything is a sign that the network has changed. */
const DOUBT_MS = 700;
/** The server reports on what it receives about once a second: a path that is silent for so long is dead. */
const SILENT_MS = 3_000;
/** So many looks in a row that each found something are all the time. */
const STEADY = 5;

/** `doubtful` and `silent` are said once each of one silence; `silent` again when it has lasted as long once more. */
export type Sign = 'flows' | 'quiet' | 'doubtful' | 'silent';

export class Pulse {
  #bytes = -1;
  #at: number;
  #found = 0;
  #missed = 0;
  #doubted = false;

  constructor(now: number) {
    this.#at = now;
  }

  /** Looks at how many bytes have come so far; several times in `DOUBT_MS`. */
  look(now: number, bytes: number): Sign {
    if (bytes !== this.#bytes) {
      this.#found = this.#missed > 0 ? 1 : this.#found + 1;
      [this.#bytes, this.#at, this.#missed, this.#doubted] = [bytes, now, 0, false];
      return 'flows';
    }
    this.#missed += 1;
    if (now - this.#at > SILENT_MS) {
      this.#at = now;
      return 'silent';
    }
    if (this.#doubted || this.#found < STEADY || this.#missed < 2 || now - this.#at < DOUBT_MS) return 'quiet';
    this.#doubted = true;
    return 'doubtful';
  }
}
