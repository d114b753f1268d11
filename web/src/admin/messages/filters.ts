/** By what a list of messages is narrowed, and where in it a page begins. */

/** Empty: by nothing. */
export interface Filter<State extends string = string> {
  state: State | '';
  /** The id of the other system. */
  peer: string;
  kind: string;
  text: string;
}

export const NO_FILTER: Filter<never> = { state: '', peer: '', kind: '', text: '' };
const PARTS = Object.keys(NO_FILTER) as (keyof Filter)[];

/** The filter of one list. */
export interface Filtering<State extends string> {
  /** As it stands in the address of the page, so that the way back leads to the same list. */
  filterOf(search: URLSearchParams): Filter<State>;
  /** The same address with another filter; what else stands in it stays. */
  searchOf(filter: Filter<State>, before: URLSearchParams): URLSearchParams;
  /** The query for a page of the list. Kinds are written in capitals everywhere. */
  queryOf(filter: Filter<State>, before: string | null): string;
}

/** How a list is narrowed whose messages have these states; `peer` is what addresses and queries call the other system. */
export function filtering<State extends string>(states: readonly State[], peer: string): Filtering<State> {
  const named = (part: keyof Filter): string => (part === 'peer' ? peer : part);
  const filterOf = (search: URLSearchParams): Filter<State> => {
    const read = (part: keyof Filter): string => search.get(named(part)) ?? '';
    const state = states.find((one) => one === read('state')) ?? '';
    return { state, peer: read('peer'), kind: read('kind'), text: read('text') };
  };
  const searchOf = (filter: Filter<State>, before: URLSearchParams): URLSearchParams => {
    const search = new URLSearchParams(before);
    for (const part of PARTS) {
      if (filter[part]) search.set(named(part), filter[part]);
      else search.delete(named(part));
    }
    return search;
  };
  const queryOf = (filter: Filter<State>, before: string | null): string => {
    const search = searchOf({ ...filter, kind: filter.kind.toUpperCase() }, new URLSearchParams());
    if (before !== null) search.set('before', before);
    const text = search.toString();
    return text && `?${text}`;
  };
  return { filterOf, searchOf, queryOf };
}

export function isFiltered(filter: Filter): boolean {
  return PARTS.some((part) => filter[part] !== '');
}

/** When the message was kept behind which a page goes on: its place is `instant|id`. */
export function reachedAt(next: string): string {
  return next.split('|', 1)[0] ?? next;
}

/** The choice with one more, or one less. */
export function chosenWith(chosen: ReadonlySet<string>, id: string, on: boolean): ReadonlySet<string> {
  const now = new Set(chosen);
  if (on) now.add(id);
  else now.delete(id);
  return now;
}
