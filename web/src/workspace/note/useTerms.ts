import { type UseQueryResult, keepPreviousData, useQuery } from '@tanstack/react-query';
import { get } from '../../api/client';
import type { Term } from '../../api/messages';

/** Codes of diagnoses by code or words; none while nothing is written. */
export function useTerms(query: string): UseQueryResult<Term[]> {
  return useQuery({
    queryKey: ['terms', query],
    queryFn: async ({ signal }) => {
      const search = new URLSearchParams({ query });
      return (await get<{ terms: Term[] }>(`/terms/diagnoses?${search}`, { signal })).terms;
    },
    enabled: query !== '',
    placeholderData: keepPreviousData,
    staleTime: 600_000,
  });
}
