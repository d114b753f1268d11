import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { EntryVersion } from '../../../api/chart';
import { get } from '../../../api/client';
import { useWord } from '../words';
import type { WordFor } from './diff';

export interface EntryHistory {
  versions: EntryVersion[];
  /** There are older ones, which are not here. */
  more: boolean;
}

/** The versions of an entry, newest first; each reading is recorded, so that none is done twice without need. */
export function useHistory(patientId: string, resource: string, id: string, enabled = true): UseQueryResult<EntryHistory> {
  const path = `/patients/${encodeURIComponent(patientId)}/entries/${resource}/${encodeURIComponent(id)}/history`;
  return useQuery({ queryKey: ['entry-history', path], queryFn: () => get<EntryHistory>(path), enabled, staleTime: 0, gcTime: 0 });
}

/** Words for the codes of an entry's members. */
export function useFieldWord(): WordFor {
  const word = useWord();
  return (field, code) => {
    const group = GROUPS[field];
    return group ? word(group, code) : code;
  };
}

const GROUPS: Record<string, string> = {
  clinicalStatus: 'clinical',
  verificationStatus: 'verification',
  status: 'medicationStatus',
  criticality: 'criticality',
  category: 'category',
  severity: 'severity',
};

/** Who wrote a version, as people say it. */
export function useAuthor(): (version: EntryVersion) => string {
  const { t } = useTranslation('record');
  return ({ by }) => {
    if (!by) return t('history.unknown');
    const who = by.name ?? by.application ?? t(`history.kind.${by.kind}`);
    return [who, by.name && by.application && t('history.through', { application: by.application }), by.organization]
      .filter(Boolean)
      .join(' · ');
  };
}
