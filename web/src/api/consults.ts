import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { get } from './client';
import type { Consult } from './messages';

/** Every look is in the audit of the patients that are named, so that nobody looks every few seconds. */
const LOOK_EVERY_MS = 5 * 60_000;

/** The questions that were put to who signs in, newest visit first. */
export function useConsults(): UseQueryResult<Consult[]> {
  return useQuery({
    queryKey: ['consults'],
    queryFn: async () => (await get<{ consults: Consult[] }>('/consults')).consults,
    staleTime: 30_000,
    refetchInterval: LOOK_EVERY_MS,
  });
}
