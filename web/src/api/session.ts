import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query';
import { del, get, setAccountCsrf } from './client';
import type { Session, SessionAnswer } from './messages';

const KEY = ['session'] as const;

/** Who is signed in on this browser, and whether the server still has to be set up. */
export function useSession(): UseQueryResult<SessionAnswer> {
  return useQuery({ queryKey: KEY, queryFn: readSession, staleTime: 60_000, retry: 1 });
}

async function readSession(): Promise<SessionAnswer> {
  const answer = await get<SessionAnswer>('/session');
  setAccountCsrf(answer.session?.csrf ?? null);
  return answer;
}

/** Takes in the session that a sign-in, set-up or new password answered with. */
export function useEnter(): (session: Session) => void {
  const queries = useQueryClient();
  return (session) => {
    setAccountCsrf(session.csrf);
    const before = queries.getQueryData<SessionAnswer>(KEY);
    queries.clear();
    queries.setQueryData<SessionAnswer>(KEY, {
      setup_needed: false,
      demo: before?.demo ?? false,
      version: before?.version ?? '',
      passkey_address: before?.passkey_address ?? null,
      providers: before?.providers ?? [],
      session,
    });
  };
}

/** Ends the session and forgets everything that was read with it. */
export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await del('/session').catch(() => undefined);
    setAccountCsrf(null);
    queries.clear();
    location.assign('/sign-in');
  };
}
