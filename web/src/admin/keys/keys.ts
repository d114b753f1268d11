/** What `GET /api/admin/keys` answers, as docs/api.md has it. */

export interface Keys {
  master: {
    source: { kind: 'file'; name: string; in_data: boolean } | { kind: 'command'; program: string };
    current: string;
    generations: Generation[];
    /** Subjects with a key of their own. */
    subjects: number;
    /** Of those, how many the master key before this one still seals. */
    behind: number;
    rotating: boolean;
  };
  signing: { for: 'records' | 'identity'; algorithm: string; id: string }[];
  /** The command that replaces the master key, as it is typed on the machine. */
  rotate: string;
}

export interface Generation {
  name: string;
  since: string;
  replaced_at: string | null;
  current: boolean;
}
