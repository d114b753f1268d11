import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, type ReactNode, createContext, useCallback, useContext, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { ApiError, type Speaker, get, setVisitCsrf } from '../api/client';
import { type LinkState, ReconnectingSocket } from '../api/socket';
import { useOnline } from '../shell/OfflineBar';
import type { Chat, FromClient, FromServer, IceServer, Me, Participant, Visit } from '../api/messages';

/** One visit as its people share it: kept current by the visit's socket, for the patient and the clinician alike. */
export interface Room {
  visitId: string;
  as: Speaker;
  /** Who is here was asked for an opinion: by link, or with an account. */
  consult: boolean;
  /** Who is here came as a guest. */
  guest: boolean;
  visit: Visit;
  /** One's own participant id, once the socket has said it. */
  you: string | null;
  me: Participant | null;
  chat: readonly Chat[];
  /** `reconnecting` as soon as the device says that it is offline, long before the socket notices. */
  link: LinkState;
  /** How often the socket has been greeted: a call is joined after the first, and joined anew after each of the others. */
  greetings: number;
  /** Why the socket ended, when it did. */
  over: string | null;
  send(message: FromClient): boolean;
  /** Hears every message of the socket; returns how to stop. */
  subscribe(listener: (message: FromServer) => void): () => void;
  /** Makes sure that the socket is there: the network may have changed under it. */
  doubt(): void;
  /** The servers by which the call is reached where UDP does not pass, as they were told last. */
  iceServers(): IceServer[];
  /** Takes in a visit that a request answered with. */
  setVisit(visit: Visit): void;
  setChat(chat: Chat[]): void;
}

/** How often a visit without its socket is asked for. */
const ASK_EVERY_MS = 8_000;

const RoomContext = createContext<Room | null>(null);

export function useRoom(): Room {
  const room = useContext(RoomContext);
  if (!room) throw new Error('useRoom outside of VisitRoom');
  return room;
}

export interface VisitRoomProps {
  visitId: string;
  as: Speaker;
  consult?: boolean;
  guest?: boolean;
  children: ReactNode;
  loading: ReactNode;
  /** This browser may not see the visit (401, 403, 404, 410). */
  denied(error: ApiError): ReactNode;
  failed(error: unknown, retry: () => void): ReactNode;
}

export function VisitRoom({ visitId, as, consult = false, guest = false, children, loading, denied, failed }: VisitRoomProps): ReactElement {
  const first = useQuery({
    queryKey: ['room', visitId, as],
    queryFn: () => readFirst(visitId, as),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  if (first.isPending) return <>{loading}</>;
  if (first.isError && !first.data) {
    const { error } = first;
    if (error instanceof ApiError && [401, 403, 404, 410].includes(error.status)) return <>{denied(error)}</>;
    return <>{failed(error, () => void first.refetch())}</>;
  }
  return (
    <LiveRoom visitId={visitId} as={as} consult={consult} guest={guest} first={first.data} key={visitId}>
      {children}
    </LiveRoom>
  );
}

interface First {
  visit: Visit;
  participant: Participant | null;
}

async function readFirst(visitId: string, as: Speaker): Promise<First> {
  const path = `/visits/${encodeURIComponent(visitId)}`;
  if (as === 'account') return { visit: (await get<{ visit: Visit }>(path)).visit, participant: null };
  const me = await get<Me>(`${path}/me`, { as });
  setVisitCsrf(visitId, me.csrf);
  return { visit: me.visit, participant: me.participant };
}

function LiveRoom(props: { visitId: string; as: Speaker; consult: boolean; guest: boolean; first: First; children: ReactNode }): ReactElement {
  const { visitId, as, consult, guest, first, children } = props;
  const queries = useQueryClient();
  const online = useOnline();
  const [visit, setVisit] = useState(first.visit);
  const [you, setYou] = useState(first.participant?.id ?? null);
  const [chat, setChat] = useState<Chat[]>([]);
  const [link, setLink] = useState<LinkState>('connecting');
  const [over, setOver] = useState<string | null>(null);
  const [greetings, setGreetings] = useState(0);
  const socket = useRef<ReconnectingSocket<FromServer, FromClient> | null>(null);
  const listeners = useRef(new Set<(message: FromServer) => void>());
  const ice = useRef<IceServer[]>([]);

  // Pages of one visit lie in different frames. The one that takes over begins with what this one knows; with what was
  // read first it would send the patient back here, and so on for ever.
  useLayoutEffect(() => {
    queries.setQueryData<First>(['room', visitId, as], (before) => before && { ...before, visit });
  }, [queries, visitId, as, visit]);

  useEffect(() => {
    const hear = (message: FromServer): void => {
      if (message.t === 'hello') {
        ice.current = message.ice_servers;
        setYou(message.you);
        setVisit(message.visit);
        setChat(message.chat);
        setOver(null);
        setGreetings((before) => before + 1);
      } else if (message.t === 'visit') setVisit(message.visit);
      else if (message.t === 'chat') setChat((before) => withMessage(before, message.message));
      else if (message.t === 'over') setOver(message.code);
      else if (message.t === 'call.ice') ice.current = message.servers;
      for (const listener of [...listeners.current]) listener(message);
    };
    const opened = new ReconnectingSocket<FromServer, FromClient>(`/visits/${encodeURIComponent(visitId)}/socket`, as, {
      onMessage: hear,
      onState: setLink,
    });
    socket.current = opened;
    return () => {
      opened.close();
      if (socket.current === opened) socket.current = null;
    };
  }, [visitId, as]);

  // Without the socket the visit is asked for over HTTP, which also says when this browser is no longer let in.
  useEffect(() => {
    if (link === 'open' || link === 'connecting' || over === 'link.replaced' || (over && (consult || guest))) return;
    const timer = setInterval(() => {
      readFirst(visitId, as).then(
        (answer) => setVisit(answer.visit),
        (error: unknown) => {
          if (error instanceof ApiError && error.status === 401) void queries.resetQueries({ queryKey: ['room', visitId, as] });
        },
      );
    }, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [link, over, visitId, as, consult, guest, queries]);

  const send = useCallback((message: FromClient) => socket.current?.send(message) ?? false, []);
  const subscribe = useCallback((listener: (message: FromServer) => void) => {
    listeners.current.add(listener);
    return () => void listeners.current.delete(listener);
  }, []);
  const doubt = useCallback(() => socket.current?.doubt(), []);
  const iceServers = useCallback(() => ice.current, []);
  const room = useMemo<Room>(() => {
    const me = visit.participants.find((one) => one.id === you) ?? first.participant;
    const shown = link === 'open' && !online ? 'reconnecting' : link;
    return { visitId, as, consult, guest, visit, you, me, chat, link: shown, greetings, over, send, subscribe, doubt, iceServers, setVisit, setChat };
  }, [visitId, as, consult, guest, visit, you, chat, link, online, greetings, over, send, subscribe, doubt, iceServers, first.participant]);
  return <RoomContext.Provider value={room}>{children}</RoomContext.Provider>;
}

function withMessage(before: Chat[], message: Chat): Chat[] {
  return before.some((one) => one.id === message.id) ? before : [...before, message];
}
