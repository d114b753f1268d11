import { useQuery } from '@tanstack/react-query';
import { get } from '../../api/client';
import { PEERS_AT, PEERS_KEY, type PeersAnswer } from './peers';

const answer = { queryKey: PEERS_KEY, queryFn: () => get<PeersAnswer>(PEERS_AT) };

export function usePeers() {
  return useQuery({ ...answer, select: ({ peers }: PeersAnswer) => peers });
}

/** The server's own AE title, once it is known. */
export function useOwnTitle(): string | undefined {
  return useQuery({ ...answer, select: ({ ae_title }: PeersAnswer) => ae_title }).data;
}
