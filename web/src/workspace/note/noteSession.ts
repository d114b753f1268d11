import type { Note } from '../../api/messages';

/** What a clinician writes; the rest of a Note is the server's. */
export type NoteBody = Pick<
  Note,
  | 'subjective'
  | 'objective'
  | 'assessment'
  | 'plan'
  | 'diagnoses'
  | 'prescriptions'
  | 'disposition'
  | 'go_to_hospital_if'
  | 'follow_up'
  | 'self_care'
>;

export type SaveState = 'untouched' | 'dirty' | 'saving' | 'saved' | 'failed' | 'offline' | 'signed-out' | 'conflict';

export type NoteSnapshot = {
  body: NoteBody;
  version: number;
  savedAt: string | null;
  state: SaveState;
  /** The other version, while `state` is `conflict`. */
  theirs: Note | null;
};

/** How a save failed, as far as the session needs to know. */
export type SaveFailure = 'changed' | 'offline' | 'signed-out' | 'refused';

export type NoteTransport = {
  load: () => Promise<Note | null>;
  save: (body: NoteBody, version: number) => Promise<Note>;
  failureOf: (error: unknown) => SaveFailure;
};

export type Timers = { set: (run: () => void, ms: number) => number; clear: (id: number) => void };

const browserTimers: Timers = {
  set: (run, ms) => window.setTimeout(run, ms),
  clear: (id) => window.clearTimeout(id),
};

export const emptyBody: NoteBody = {
  subjective: '',
  objective: '',
  assessment: '',
  plan: '',
  diagnoses: [],
  prescriptions: [],
  disposition: null,
  go_to_hospital_if: '',
  follow_up: '',
  self_care: '',
};

export const noteFields = Object.keys(emptyBody) as (keyof NoteBody)[];

/** Waits this long after the last key before saving. */
const IDLE_MS = 1_200;
const RETRY_MS = 4_000;

/**
 * One clinician's writing of one note: saves after a pause, never two saves at once, keeps what was written when the
 * line is down, and stops at a version that somebody else made until a person has chosen.
 */
export class NoteSession {
  private snapshot: NoteSnapshot = { body: emptyBody, version: 0, savedAt: null, state: 'untouched', theirs: null };
  private readonly listeners = new Set<() => void>();
  private timer: number | null = null;
  private edits = 0;
  private saving: Promise<void> | null = null;

  constructor(
    private readonly transport: NoteTransport,
    private readonly timers: Timers = browserTimers,
  ) {}

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly read = () => this.snapshot;

  /** Takes the server's note unless there is writing that it would overwrite. */
  receive(note: Note | null) {
    if (note === null || note.version <= this.snapshot.version) return;
    if (this.saving !== null) return;
    if (this.unsaved()) {
      this.put({ state: 'conflict', theirs: note });
      this.cancelTimer();
      return;
    }
    this.put({ body: bodyOf(note), version: note.version, savedAt: note.saved_at, state: 'saved', theirs: null });
  }

  edit(change: Partial<NoteBody>) {
    this.edits += 1;
    const conflict = this.snapshot.state === 'conflict';
    this.put({ body: { ...this.snapshot.body, ...change }, state: conflict ? 'conflict' : 'dirty' });
    if (!conflict) this.schedule(IDLE_MS);
  }

  /** Saves now what is not saved; resolves when nothing is on its way any more. */
  async flush(): Promise<NoteSnapshot> {
    this.cancelTimer();
    if (this.saving !== null) await this.saving;
    if (this.unsaved() && this.snapshot.state !== 'conflict') await this.save();
    return this.snapshot;
  }

  keepMine() {
    const { theirs } = this.snapshot;
    if (theirs === null) return;
    this.put({ version: theirs.version, theirs: null, state: 'dirty' });
    void this.flush();
  }

  takeTheirs() {
    const { theirs } = this.snapshot;
    if (theirs === null) return;
    this.put({ body: bodyOf(theirs), version: theirs.version, savedAt: theirs.saved_at, theirs: null, state: 'saved' });
  }

  unsaved() {
    return ['dirty', 'failed', 'offline', 'signed-out', 'conflict', 'saving'].includes(this.snapshot.state);
  }

  /** The fields in which the two versions of a conflict differ. */
  differing(): (keyof NoteBody)[] {
    const { theirs, body } = this.snapshot;
    if (theirs === null) return [];
    const other = bodyOf(theirs);
    return noteFields.filter((field) => JSON.stringify(other[field]) !== JSON.stringify(body[field]));
  }

  private save(): Promise<void> {
    this.saving ??= this.attempt().finally(() => {
      this.saving = null;
    });
    return this.saving;
  }

  private async attempt() {
    const { body, version } = this.snapshot;
    const edits = this.edits;
    this.put({ state: 'saving' });
    try {
      const note = await this.transport.save(body, version);
      const more = this.edits !== edits;
      this.put({ version: note.version, savedAt: note.saved_at, state: more ? 'dirty' : 'saved' });
      if (more) this.schedule(IDLE_MS);
    } catch (error) {
      await this.failed(this.transport.failureOf(error));
    }
  }

  private async failed(failure: SaveFailure) {
    if (failure !== 'changed') {
      this.put({ state: failure === 'refused' ? 'failed' : failure });
      this.schedule(RETRY_MS);
      return;
    }
    try {
      const theirs = await this.transport.load();
      this.put({ state: 'conflict', theirs });
      // Our own save whose answer was lost comes back as "changed" too; equal words are no conflict.
      if (this.differing().length === 0) this.takeTheirs();
    } catch {
      this.put({ state: 'failed' });
      this.schedule(RETRY_MS);
    }
  }

  private schedule(ms: number) {
    this.cancelTimer();
    this.timer = this.timers.set(() => {
      this.timer = null;
      void this.save();
    }, ms);
  }

  private cancelTimer() {
    if (this.timer !== null) this.timers.clear(this.timer);
    this.timer = null;
  }

  private put(change: Partial<NoteSnapshot>) {
    this.snapshot = { ...this.snapshot, ...change };
    for (const listener of this.listeners) listener();
  }
}

export function bodyOf(note: Note): NoteBody {
  return {
    subjective: note.subjective,
    objective: note.objective,
    assessment: note.assessment,
    plan: note.plan,
    diagnoses: note.diagnoses,
    prescriptions: note.prescriptions,
    disposition: note.disposition,
    go_to_hospital_if: note.go_to_hospital_if,
    follow_up: note.follow_up,
    self_care: note.self_care,
  };
}
