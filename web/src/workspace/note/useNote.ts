import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { ApiError, get, put, setAccountCsrf } from '../../api/client';
import type { Note, SessionAnswer } from '../../api/messages';
import { useRoom } from '../../visit/VisitRoom';
import { type NoteBody, NoteSession, type NoteSnapshot } from './noteSession';

export interface OpenNote {
  session: NoteSession;
  snapshot: NoteSnapshot;
  /** The note as the server has it; `null` while nothing was ever saved. */
  note: Note | null;
  isPending: boolean;
  error: unknown;
  refetch(): Promise<unknown>;
}

/** The note of the open visit, with the session that writes it. Lives as long as the visit's screen, whatever part is shown. */
export function useNote(): OpenNote {
  const { visitId, visit, subscribe } = useRoom();
  const queries = useQueryClient();
  const [session] = useState(() => newSession(visitId, (note) => queries.setQueryData(['note', visitId], note)));
  const snapshot = useSyncExternalStore(session.subscribe, session.read);
  const note = useQuery({
    queryKey: ['note', visitId],
    queryFn: () => load(visitId),
    staleTime: Number.POSITIVE_INFINITY,
  });

  useEffect(() => {
    if (note.data !== undefined) session.receive(note.data);
  }, [note.data, session]);

  useEffect(
    () =>
      subscribe((message) => {
        if (message.t === 'note' && message.version > session.read().version)
          void queries.invalidateQueries({ queryKey: ['note', visitId] });
      }),
    [subscribe, session, queries, visitId],
  );

  useEffect(() => {
    if (visit.signed) void queries.invalidateQueries({ queryKey: ['note', visitId] });
  }, [visit.signed, queries, visitId]);

  useEffect(() => {
    const onOnline = (): void => void session.flush();
    const onLeave = (event: BeforeUnloadEvent): void => {
      if (session.unsaved()) event.preventDefault();
    };
    window.addEventListener('online', onOnline);
    window.addEventListener('beforeunload', onLeave);
    return () => {
      window.removeEventListener('online', onOnline);
      window.removeEventListener('beforeunload', onLeave);
      void session.flush();
    };
  }, [session]);

  return {
    session,
    snapshot,
    note: note.data ?? null,
    isPending: note.isPending,
    error: note.error,
    refetch: note.refetch,
  };
}

async function load(visitId: string): Promise<Note | null> {
  return (await get<{ note: Note | null }>(`/visits/${encodeURIComponent(visitId)}/note`)).note;
}

function newSession(visitId: string, onSaved: (note: Note) => void): NoteSession {
  return new NoteSession({
    load: () => load(visitId),
    save: async (body: NoteBody, version: number) => {
      const { note } = await put<{ note: Note }>(`/visits/${encodeURIComponent(visitId)}/note`, {
        ...body,
        version,
      }).catch(renewed);
      onSaved(note);
      return note;
    },
    failureOf: (error) => {
      if (!(error instanceof ApiError)) return 'refused';
      if (error.code === 'note.changed') return 'changed';
      if (isSignedOut(error)) return 'signed-out';
      return error.passing ? 'offline' : 'refused';
    },
  });
}

function isSignedOut(error: ApiError): boolean {
  return error.status === 401 || error.code === 'csrf.invalid';
}

/** Whoever signs in again in another window gives this one a new session: the next attempt must carry its value. */
async function renewed(error: unknown): Promise<never> {
  if (error instanceof ApiError && isSignedOut(error)) {
    const answer = await get<SessionAnswer>('/session').catch(() => null);
    if (answer?.session) setAccountCsrf(answer.session.csrf);
  }
  throw error;
}
