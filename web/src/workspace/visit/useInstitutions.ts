import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { ApiError, get } from '../../api/client';
import { useSession } from '../../api/session';
import type { PractitionerEntry } from '../../api/types';

export interface Institution {
  id: string;
  name: string;
  city?: string;
}

/** The other institutions of this server. A server without a list of them is known by its practitioners. */
export function useInstitutions(): UseQueryResult<Institution[]> {
  const own = useSession().data?.session?.user.organization?.id;
  return useQuery({
    queryKey: ['institutions'],
    queryFn: async () => (await readInstitutions()).filter((one) => one.id !== own),
    staleTime: 300_000,
  });
}

async function readInstitutions(): Promise<Institution[]> {
  try {
    return (await get<{ organizations: Institution[] }>('/organizations')).organizations;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
  }
  const { practitioners } = await get<{ practitioners: PractitionerEntry[] }>('/practitioners');
  return [...new Map(practitioners.map(({ organization }) => [organization.id, organization])).values()];
}
