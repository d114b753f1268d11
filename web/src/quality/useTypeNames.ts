import { useQuery } from '@tanstack/react-query';
import { get } from '../api/client';
import { useSession } from '../api/session';
import type { Names, Role } from '../api/messages';
import { nameIn } from '../i18n';

/** Says a visit type in the reader's language; a type that is no longer in the catalogue keeps its code. */
export function useTypeNames(): (code: string) => string {
  const role = useSession().data?.session?.user.role;
  const types = useQuery({
    queryKey: ['visit-type-names', role],
    queryFn: () => read(role as Role),
    enabled: role !== undefined,
  });
  return (code) => {
    const names = types.data?.find((type) => type.code === code)?.name;
    return names ? nameIn(names) : code;
  };
}

async function read(role: Role): Promise<{ code: string; name: Names }[]> {
  if (role !== 'administrator')
    return (await get<{ visit_types: { code: string; name: Names }[] }>('/visit-types')).visit_types;
  return (await get<{ prices: { code: string; name: Names }[] }>('/admin/prices')).prices;
}
