import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query';
import { get } from '../api/client';
import type { Factors } from '../api/messages';

const KEY = ['factors'] as const;

/** By what the signed-in person can show who they are. */
export function useFactors(): UseQueryResult<Factors> {
  return useQuery({ queryKey: KEY, queryFn: () => get<Factors>('/session/factors') });
}

/** Reads them again, and with them whether the session is still waiting for one. */
export function useFactorsChanged(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: KEY }),
      queries.invalidateQueries({ queryKey: ['session'] }),
    ]);
  };
}
