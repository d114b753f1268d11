import { useQuery } from '@tanstack/react-query';
import { get } from '../../api/client';
import type { Organization } from '../../api/messages';

/** Institutions that a peer may be for. */
export function useOrganizations(): readonly Organization[] {
  const organizations = useQuery({
    queryKey: ['admin', 'organizations'],
    queryFn: async () => (await get<{ organizations: Organization[] }>('/admin/organizations')).organizations,
  });
  return organizations.data ?? [];
}
