import { type Speaker, socketAddress } from './client';

export type LinkState = 'connecting' | 'open' | 'reconnecting' | 'over';

export interface SocketHandlers<In> {
  onMessage(message: In): void;
  onState?(state: LinkState): void;
}

/** Short at first: a server that was started anew is back within seconds, and calls wait for it. */
const WAITS_MS = [400, 800, 1_000, 1_000, 1_500, 2_000, 3_000, 5_000, 8_000] as const;

/**
 * A JSON socket that comes back by itself: with growing waits, at once when the network returns or the page is shown
 * again. It ends only on `close()` or on `{"t":"over"}`. What is sent while it is down is dropped and `send` says so.
 */
export class ReconnectingSocket<In extends { t: string }, Out> {
  #socket: WebSocket | null = null;
  #state: LinkState = 'connecting';
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly path: string,
    private readonly as: Speaker,
    private readonly handlers: SocketHandlers<In>,
  ) {
    window.addEventListener('online', this.#hurry);
    document.addEventListener('visibilitychange', this.#hurry);
    this.#connect();
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Returns whether the message left; `false` while the link is down. */
  send(message: Out): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  close(): void {
    window.removeEventListener('online', this.#hurry);
    document.removeEventListener('visibilitychange', this.#hurry);
    clearTimeout(this.#timer);
    this.#enter('over');
    this.#socket?.close();
    this.#socket = null;
  }

  #connect(): void {
    const socket = new WebSocket(socketAddress(this.path, this.as));
    this.#socket = socket;
    socket.onopen = () => {
      this.#failures = 0;
      this.#enter('open');
    };
    socket.onmessage = (event) => {
      const message = readJson<In>(event.data);
      if (!message) return;
      this.handlers.onMessage(message);
      if (message.t === 'over') this.close();
    };
    socket.onclose = () => this.#retry(socket);
  }

  #retry(socket: WebSocket): void {
    if (this.#state === 'over' || this.#socket !== socket) return;
    this.#socket = null;
    this.#enter('reconnecting');
    const wait = WAITS_MS[Math.min(this.#failures, WAITS_MS.length - 1)] ?? 0;
    this.#failures += 1;
    // Jitter: after an outage a whole clinic comes back, not in one instant.
    this.#timer = setTimeout(() => this.#connect(), wait * (0.7 + Math.random() * 0.6));
  }

  #hurry = (): void => {
    if (this.#state !== 'reconnecting' || this.#socket || document.visibilityState === 'hidden') return;
    clearTimeout(this.#timer);
    this.#connect();
  };

  #enter(state: LinkState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.handlers.onState?.(state);
  }
}

function readJson<T>(data: unknown): T | null {
  try {
    return JSON.parse(String(data)) as T;
  } catch {
    return null;
  }
}
