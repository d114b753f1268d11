import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { PatientSummary } from '../../api/messages';

/** Whose record a window has open: enough to say whose it was. */
export interface OpenRecord {
  id: string;
  name: string;
  birth_date: string;
}

const STORED = 'bianque.open-record';

/** The record that opening this one closes; `null` when none was open, or this one. */
export function replacedBy(storage: Storage, { id, name, birth_date }: PatientSummary): OpenRecord | null {
  const before = read(storage);
  storage.setItem(STORED, JSON.stringify({ id, name, birth_date }));
  return before && before.id !== id ? before : null;
}

function read(storage: Storage): OpenRecord | null {
  try {
    const kept = JSON.parse(storage.getItem(STORED) ?? 'null') as OpenRecord | null;
    return kept && typeof kept.id === 'string' && typeof kept.name === 'string' ? kept : null;
  } catch {
    return null;
  }
}

/**
 * Holds a window to one record: what was fetched of another patient is thrown away, and the reader is told whose record
 * was closed.
 */
export function useOnlyRecord(patient: PatientSummary | undefined): { closed: OpenRecord | null; dismiss(): void } {
  const queries = useQueryClient();
  const [closed, setClosed] = useState<OpenRecord | null>(null);
  const id = patient?.id;
  useEffect(() => {
    if (!patient) return;
    const before = replacedBy(sessionStorage, patient);
    if (!before) return;
    queries.removeQueries({
      predicate: ({ queryKey }) => ['chart', 'entry-history'].includes(String(queryKey[0])) && String(queryKey[1]).includes(`/patients/${before.id}/`),
    });
    setClosed(before);
    // Only who it is matters, not that the same patient was read again.
  }, [id]);
  return { closed, dismiss: () => setClosed(null) };
}
