/** What one version of an entry says that another does not, member by member. */
export interface Change {
  /** The member of the resource, such as `clinicalStatus`. */
  field: string;
  /** As people read it; empty: it was not there. */
  before: string;
  after: string;
}

type Resource = Record<string, unknown> | null;
/** A word for a code of a field, or the code itself. */
export type WordFor = (field: string, code: string) => string;

/** Members that say nothing to a reader, or that never change. */
const UNSEEN = ['resourceType', 'id', 'meta', 'text', 'language', 'implicitRules'];

/** The members that differ, in the order of the newer one; what it has no longer comes last. */
export function changesBetween(before: Resource, after: Resource, word: WordFor): Change[] {
  const names = [...Object.keys(after ?? {}), ...Object.keys(before ?? {})];
  const seen = [...new Set(names)].filter((name) => !UNSEEN.includes(name) && !name.startsWith('_'));
  return seen
    .filter((name) => !same(before?.[name], after?.[name]))
    .map((field) => ({ field, before: said(before?.[field], field, word), after: said(after?.[field], field, word) }));
}

/** Whether two values are one, whatever the order of members. */
export function same(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`;
}

/** A value of FHIR in a line: words before codes, and both where only the code tells things apart. */
export function said(value: unknown, field: string, word: WordFor): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map((one) => said(one, field, word)).filter(Boolean).join('; ');
  if (typeof value === 'string') return word(field, value);
  if (typeof value !== 'object') return String(value);
  return ofObject(value as Record<string, unknown>, field, word);
}

function ofObject(value: Record<string, unknown>, field: string, word: WordFor): string {
  const text = (name: string): string => (typeof value[name] === 'string' ? value[name] : '');
  if (Array.isArray(value.coding)) return ofConcept(value.coding as Record<string, unknown>[], text('text'), field, word);
  if (text('text')) return text('text');
  if ('value' in value) return `${text('comparator')}${String(value.value)} ${text('unit') || text('code')}`.trim();
  if ('start' in value || 'end' in value) return `${text('start')} – ${text('end')}`.trim();
  if (text('display') || text('reference')) return text('display') || text('reference');
  if (Array.isArray(value.manifestation)) {
    const severity = text('severity');
    return [said(value.manifestation, field, word), severity && word('severity', severity)].filter(Boolean).join(', ');
  }
  if (text('code')) return word(field, text('code'));
  return Object.values(value)
    .map((one) => said(one, field, word))
    .filter(Boolean)
    .join(', ');
}

function ofConcept(codings: Record<string, unknown>[], text: string, field: string, word: WordFor): string {
  const codes = codings.map((coding) => (typeof coding.code === 'string' ? coding.code : '')).filter(Boolean);
  const display = codings.map((coding) => coding.display).find((one) => typeof one === 'string') as string | undefined;
  const words = text || display;
  if (words) return codes.length > 0 ? `${words} (${codes.join(', ')})` : words;
  return codes.map((code) => word(field, code)).join(', ');
}
