import { describe, expect, it } from 'vitest';
import { type ConsentTexts, type PublishedText, draftFor } from './consents';

const text = (version: string, organization_id: string | null, state: PublishedText['state']): PublishedText => ({
  version,
  organization_id,
  state,
  text: { en: version, zh: version },
  built_in: false,
  valid_from: '',
  published_at: '',
});
const texts: ConsentTexts = {
  texts: [text('coming', null, 'coming'), text('all', null, 'in-force'), text('own', 'o1', 'in-force')],
  drafts: [{ organization_id: 'o2', text: { en: 'draft', zh: '' }, revision: 3, saved_at: '' }],
};

describe('a draft', () => {
  it('goes on where somebody left it', () => {
    expect(draftFor(texts, 'o2')).toMatchObject({ revision: 3, text: { en: 'draft' } });
  });

  it('begins with the text in force of the institution, else with that for all', () => {
    expect(draftFor(texts, 'o1')).toMatchObject({ revision: 0, text: { en: 'own' } });
    expect(draftFor(texts, 'o3')).toMatchObject({ revision: 0, text: { en: 'all' } });
    expect(draftFor(texts, null)).toMatchObject({ revision: 0, text: { en: 'all' } });
  });
});
