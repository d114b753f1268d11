import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { get } from '../../api/client';
import type { Organization } from '../../api/messages';
import { useSession } from '../../api/session';

/** The other institutions of this server: one of them is asked for an opinion. */
export function useInstitutions(): UseQueryResult<Organization[]> {
  const own = useSession().data?.session?.user.organization?.id;
  return useQuery({
    queryKey: ['institutions'],
    queryFn: async () => (await get<{ organizations: Organization[] }>('/organizations')).organizations,
    select: (all) => all.filter((one) => one.id !== own),
    staleTime: 300_000,
  });
}
