/** What `/api/admin/consents` speaks, as docs/api.md has it. */
import type { Names } from '../../api/messages';

export interface PublishedText {
  version: string;
  /** None: for every institution without a text of its own. */
  organization_id: string | null;
  state: 'in-force' | 'coming' | 'past';
  text: Names;
  /** It came with the program. */
  built_in: boolean;
  valid_from: string;
  published_at: string;
}

export interface DraftText {
  organization_id: string | null;
  text: Names;
  revision: number;
  saved_at: string;
}

export interface ConsentTexts {
  texts: PublishedText[];
  drafts: DraftText[];
}

export const CONSENTS_KEY = ['admin', 'consents'] as const;

/** What somebody begins with: their draft, else what is in force where it is to stand. */
export function draftFor(consents: ConsentTexts, organization: string | null): DraftText {
  const draft = consents.drafts.find((one) => one.organization_id === organization);
  if (draft) return draft;
  const inForce = (whose: string | null): PublishedText | undefined =>
    consents.texts.find((one) => one.organization_id === whose && one.state === 'in-force');
  const text = (inForce(organization) ?? inForce(null))?.text ?? { en: '', zh: '' };
  return { organization_id: organization, text, revision: 0, saved_at: '' };
}
