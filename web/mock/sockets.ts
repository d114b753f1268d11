import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type * as api from '../src/api/messages.ts';
import { accountOf, participantOf, visitFor } from './access.ts';
import { cookiesOf } from './http.ts';
import { dayList } from './visits.ts';
import type { MockVisit, World } from './world.ts';

/** The answer to a ping. */
const PONG = '{"t":"pong"}';

interface Seat {
  socket: WebSocket;
  made: MockVisit;
  participant: api.Participant;
}

/** The visit's socket and the queue's. Calls are answered in the page itself, see loopback.ts. */
export class Sockets {
  #server = new WebSocketServer({ noServer: true });
  #seats = new Set<Seat>();
  #queues = new Set<WebSocket>();

  constructor(private readonly world: World) {}

  /** Takes the upgrade if it is one of ours. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): boolean {
    const url = new URL(request.url ?? '/', 'http://mock');
    if (!url.pathname.startsWith('/api/')) return false;
    const cookies = cookiesOf(request);
    const visitId = /^\/api\/visits\/([^/]+)\/socket$/.exec(url.pathname)?.[1];
    if (visitId) {
      const seat = this.#seatOf(visitId, url, cookies);
      if (!seat) return refuse(stream);
      this.#server.handleUpgrade(request, stream, head, (socket) => this.#sit({ ...seat, socket }));
      return true;
    }
    if (url.pathname !== '/api/queue/socket' || !accountOf(this.world, cookies)) return refuse(stream);
    this.#server.handleUpgrade(request, stream, head, (socket) => {
      this.#queues.add(socket);
      socket.on('close', () => this.#queues.delete(socket));
      socket.on('message', () => socket.send(PONG));
      socket.send(this.#queue());
    });
    return true;
  }

  tell(made: MockVisit, message: api.FromServer): void {
    for (const seat of this.#seats) if (seat.made === made) seat.socket.send(JSON.stringify(message));
  }

  tellVisit(made: MockVisit): void {
    for (const seat of this.#seats) {
      if (seat.made.visit.state !== 'arrived' && seat.made !== made) continue;
      const visit = visitFor(this.world, seat.made, seat.participant.role);
      seat.socket.send(JSON.stringify({ t: 'visit', visit } satisfies api.FromServer));
    }
    this.tellQueue();
  }

  tellQueue(): void {
    for (const socket of this.#queues) socket.send(this.#queue());
  }

  #queue(): string {
    return JSON.stringify({ t: 'queue', visits: dayList(this.world) } satisfies api.QueueMessage);
  }

  #seatOf(visitId: string, url: URL, cookies: Record<string, string>): Omit<Seat, 'socket'> | null {
    const made = this.world.visits.get(visitId);
    if (!made) return null;
    if (url.searchParams.get('as') !== 'visit') {
      return accountOf(this.world, cookies) ? { made, participant: participantOf(made, 'clinician') } : null;
    }
    const [held, participantId] = (cookies.bianque_visit ?? '').split(':');
    const participant = made.visit.participants.find((one) => one.id === participantId);
    return held === visitId && participant ? { made, participant } : null;
  }

  #sit(seat: Seat): void {
    const { socket, made, participant } = seat;
    this.#seats.add(seat);
    participant.present = true;
    if (participant.role === 'patient') made.visit.present = true;
    const visit = visitFor(this.world, made, participant.role);
    socket.send(JSON.stringify({ t: 'hello', you: participant.id, visit, ice_servers: [], chat: made.chat } satisfies api.FromServer));
    this.tellVisit(made);
    socket.on('message', (data) => this.#hear(seat, String(data)));
    socket.on('close', () => {
      this.#seats.delete(seat);
      participant.present = [...this.#seats].some((other) => other.participant === participant);
      if (participant.role === 'patient') made.visit.present = participant.present;
      this.tellVisit(made);
    });
  }

  #hear({ made, participant, socket }: Seat, text: string): void {
    const message = JSON.parse(text) as api.FromClient | { t: 'ping' };
    if (message.t === 'ping') return socket.send(PONG);
    if (message.t === 'call.leave') participant.media = 'none';
    else if (message.t === 'media') participant.media = 'connected';
    else return;
    this.tellVisit(made);
  }
}

function refuse(stream: Duplex): true {
  stream.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n');
  return true;
}
