import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { ApiError, get } from '../../api/client';
import { useSession } from '../../api/session';

export interface Institution {
  id: string;
  name: string;
  city?: string;
}

/** The other institutions of this server, from the directory or, on a server without one, from its FHIR record. */
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
  const answer = await fetch('/fhir/Organization?_count=200', { headers: { accept: 'application/fhir+json' } });
  if (!answer.ok) throw new ApiError(answer.status, `http.${answer.status}`, answer.statusText);
  const bundle = (await answer.json()) as { entry?: { resource: FhirOrganization }[] };
  return (bundle.entry ?? []).map(({ resource }) => {
    const city = resource.address?.[0]?.city;
    return { id: resource.id, name: resource.name ?? resource.id, ...(city && { city }) };
  });
}

interface FhirOrganization {
  id: string;
  name?: string;
  address?: { city?: string }[];
}
