import { type Speaker, socketAddress } from './client';

export type LinkState = 'connecting' | 'open' | 'reconnecting' | 'over';

export interface SocketHandlers<In> {
  onMessage(message: In): void;
  onState?(state: LinkState): void;
}

/** Short at first: a server that was started anew is back within seconds, and calls wait for it. */
const WAITS_MS = [400, 800, 1_000, 1_000, 1_500, 2_000, 3_000, 5_000, 8_000] as const;
/** How long a socket that is doubted may take to answer before another is tried, and how long each of those may take. */
const ANSWER_MS = 250;
const RIVAL_MS = 1_500;
const RIVAL_AGAIN_MS = 400;
/** After so many of them the socket counts as lost. Browsers hold back pages that try too often in vain. */
const RIVALS = 6;

/**
 * A JSON socket that comes back by itself: with growing waits, at once when the network returns or the page is shown
 * again. It ends only on `close()` or on `{"t":"over"}`. What is sent while it is down is dropped and `send` says so.
 *
 * When a device goes to another network its sockets keep the former address: they stay open for minutes, and nothing comes
 * by them. A socket that is doubted is asked for a sign of life; until one comes another is tried beside it.
 */
export class ReconnectingSocket<In extends { t: string }, Out> {
  #socket: WebSocket | null = null;
  #state: LinkState = 'connecting';
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #rival: WebSocket | null = null;
  #rivals = 0;
  #doubted: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly path: string,
    private readonly as: Speaker,
    private readonly handlers: SocketHandlers<In>,
  ) {
    window.addEventListener('online', this.doubt);
    document.addEventListener('visibilitychange', this.#shown);
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

  /** The network may be another one: comes back at once if it is away, and makes sure that it is there if it seems to be. */
  doubt = (): void => {
    if (this.#state === 'reconnecting') return this.#hurry();
    if (this.#socket?.readyState !== WebSocket.OPEN || this.#doubted !== undefined) return;
    this.#socket.send('{"t":"ping"}');
    this.#tryAnotherAfter(ANSWER_MS);
  };

  close(): void {
    window.removeEventListener('online', this.doubt);
    document.removeEventListener('visibilitychange', this.#shown);
    clearTimeout(this.#timer);
    this.#assured();
    this.#enter('over');
    this.#socket?.close();
    this.#socket = null;
  }

  #connect(): void {
    const socket = new WebSocket(socketAddress(this.path, this.as));
    socket.onopen = () => {
      this.#failures = 0;
      this.#enter('open');
    };
    this.#use(socket);
  }

  #use(socket: WebSocket): void {
    this.#socket = socket;
    socket.onmessage = (event) => {
      this.#assured();
      const message = readJson<In>(event.data);
      if (!message || message.t === 'pong') return;
      this.handlers.onMessage(message);
      if (message.t === 'over') this.close();
    };
    socket.onclose = () => this.#retry(socket);
  }

  #tryAnother = (): void => {
    const former = this.#socket;
    if (this.#rival) discard(this.#rival);
    if (this.#rivals === RIVALS && former) {
      discard(former);
      return this.#retry(former);
    }
    this.#rivals += 1;
    const rival = new WebSocket(socketAddress(this.path, this.as));
    this.#rival = rival;
    this.#tryAnotherAfter(RIVAL_MS);
    rival.onclose = () => this.#tryAnotherAfter(RIVAL_AGAIN_MS);
    rival.onopen = () => {
      this.#rival = null;
      this.#assured();
      this.#use(rival);
      if (former) discard(former);
    };
  };

  #tryAnotherAfter(ms: number): void {
    clearTimeout(this.#doubted);
    this.#doubted = setTimeout(this.#tryAnother, ms);
  }

  /** There is nothing to doubt any longer. */
  #assured(): void {
    clearTimeout(this.#doubted);
    this.#doubted = undefined;
    this.#rivals = 0;
    if (this.#rival) discard(this.#rival);
    this.#rival = null;
  }

  #retry(socket: WebSocket): void {
    if (this.#state === 'over' || this.#socket !== socket) return;
    this.#assured();
    this.#socket = null;
    this.#enter('reconnecting');
    const wait = WAITS_MS[Math.min(this.#failures, WAITS_MS.length - 1)] ?? 0;
    this.#failures += 1;
    // Jitter: after an outage a whole clinic comes back, not in one instant.
    this.#timer = setTimeout(() => this.#connect(), wait * (0.7 + Math.random() * 0.6));
  }

  #shown = (): void => {
    if (document.visibilityState !== 'hidden') this.doubt();
  };

  #hurry(): void {
    if (this.#socket) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  #enter(state: LinkState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.handlers.onState?.(state);
  }
}

/** Closes a socket of which nothing more is wanted to be known. */
function discard(socket: WebSocket): void {
  const nothing = (): void => undefined;
  [socket.onopen, socket.onmessage, socket.onclose] = [nothing, nothing, nothing];
  socket.close();
}

function readJson<T>(data: unknown): T | null {
  try {
    return JSON.parse(String(data)) as T;
  } catch {
    return null;
  }
}
