import { describe, expect, it } from 'vitest';
import type { Note } from '../../api/messages';
import { NoteSession, emptyBody, type NoteBody, type SaveFailure } from './noteSession';

class Desk {
  stored: Note | null = null;
  failure: SaveFailure | null = null;
  saves: NoteBody[] = [];
  private due: (() => void) | null = null;

  readonly session = new NoteSession(
    {
      load: async () => this.stored,
      save: async (body, version) => this.save(body, version),
      failureOf: (error) => error as SaveFailure,
    },
    { set: (run) => ((this.due = run), 1), clear: () => (this.due = null) },
  );

  private save(body: NoteBody, version: number): Note {
    if (this.failure !== null) throw this.failure;
    if ((this.stored?.version ?? 0) !== version) throw 'changed';
    this.saves.push(body);
    this.stored = note(body, version + 1);
    return this.stored;
  }

  /** The pause after the last key is over. */
  async pause() {
    const run = this.due;
    this.due = null;
    run?.();
    await new Promise((resolve) => setTimeout(resolve));
  }

  elsewhere(change: Partial<NoteBody>) {
    this.stored = note({ ...emptyBody, ...this.stored, ...change }, (this.stored?.version ?? 0) + 1);
  }
}

function note(body: NoteBody, version: number): Note {
  return { ...emptyBody, ...body, version, saved_at: '2026-01-02T03:04:05Z', signed: null, addenda: [] };
}

describe('a note that is being written', () => {
  it('is saved once after a pause, with the time', async () => {
    const desk = new Desk();
    desk.session.edit({ subjective: 'c' });
    desk.session.edit({ subjective: 'cough' });
    await desk.pause();
    expect(desk.saves.map((body) => body.subjective)).toEqual(['cough']);
    expect(desk.session.read()).toMatchObject({ state: 'saved', version: 1, savedAt: '2026-01-02T03:04:05Z' });
  });

  it('is kept while offline and saved when the line is back', async () => {
    const desk = new Desk();
    desk.failure = 'offline';
    desk.session.edit({ plan: 'rest' });
    await desk.pause();
    expect(desk.session.read()).toMatchObject({ state: 'offline', body: { plan: 'rest' } });
    desk.failure = null;
    await desk.pause();
    expect(desk.stored?.plan).toBe('rest');
  });

  it('stops at a version of somebody else and lets a person keep their own', async () => {
    const desk = new Desk();
    desk.elsewhere({ plan: 'theirs' });
    desk.session.edit({ plan: 'mine' });
    await desk.pause();
    expect(desk.session.read().state).toBe('conflict');
    expect(desk.session.differing()).toEqual(['plan']);
    desk.session.keepMine();
    await desk.session.flush();
    expect(desk.stored).toMatchObject({ plan: 'mine', version: 2 });
  });

  it('takes the other version when asked', async () => {
    const desk = new Desk();
    desk.elsewhere({ plan: 'theirs' });
    desk.session.edit({ plan: 'mine' });
    await desk.pause();
    desk.session.takeTheirs();
    expect(desk.session.read()).toMatchObject({ state: 'saved', body: { plan: 'theirs' }, version: 1 });
  });

  it('follows the server while nobody types', () => {
    const desk = new Desk();
    desk.session.receive(note({ ...emptyBody, plan: 'newer' }, 3));
    expect(desk.session.read()).toMatchObject({ version: 3, body: { plan: 'newer' } });
  });

  it('flushes what is typed before signing', async () => {
    const desk = new Desk();
    desk.session.edit({ assessment: 'flu' });
    const snapshot = await desk.session.flush();
    expect(snapshot).toMatchObject({ state: 'saved', version: 1 });
  });
});
