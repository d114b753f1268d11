/** What a form holds: every field as text. */
export type Values = Record<string, string>;

/** Two people changed one entry: what comes of it, and where they changed the same. */
export interface Merged {
  values: Values;
  /** Fields that both changed, each to something else; mine stands in `values`. */
  both: string[];
  /** Fields that only they changed; theirs stands in `values`. */
  theirs: string[];
}

/** Lays my changes over theirs: each field that I did not touch is as they left it. */
export function merged(base: Values, mine: Values, theirs: Values): Merged {
  const result: Merged = { values: {}, both: [], theirs: [] };
  for (const field of Object.keys(mine)) {
    const touched = mine[field] !== base[field];
    const moved = theirs[field] !== base[field];
    result.values[field] = (touched ? mine[field] : theirs[field]) ?? '';
    if (touched && moved && mine[field] !== theirs[field]) result.both.push(field);
    else if (moved && !touched) result.theirs.push(field);
  }
  return result;
}
