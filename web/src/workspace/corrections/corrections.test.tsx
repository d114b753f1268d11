import { QueryClient, QueryClientProvider, focusManager, onlineManager } from '@tanstack/react-query';
import { type ReactElement, Suspense, act } from 'react';
import { type Root, createRoot } from 'react-dom/client';
import { MemoryRouter, Route, Routes } from 'react-router';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ROLES } from '../../admin/roles';
import type { Role, Session, SessionAnswer } from '../../api/messages';
import i18n from '../../i18n';
import { SignedInLayout } from '../../desk/SignedInLayout';
import CorrectionsNotice from './CorrectionsNotice';
import CorrectionsPage from './CorrectionsPage';
import { type Correction, following } from './corrections';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

const MINUTE_MS = 60_000;
const correction = (id: string, now: string | null = '4.1 mmol/L'): Correction => ({
  id,
  patient: { id: `patient-${id}`, name: 'Ana Reyes', birth_date: '1970-05-06' },
  about: `Panel ${id}`,
  changes: [{ what: 'Potassium', was: '7.1 mmol/L', now }],
  seen_at: '2026-03-01T08:00:00Z',
  corrected_at: '2026-03-02T08:00:00Z',
});

/** The server: what it holds, what it answers to an acknowledgement, and what it was asked. */
let held: Correction[];
let answer: { list: number; acknowledge: number };
let asked: string[];
let root: Root;
let queries: QueryClient;

const respond = (status: number, body: unknown = { error: { code: 'other', message: '' } }): Response =>
  new Response(status === 204 ? null : JSON.stringify(body), { status });

function server(path: string, init: RequestInit): Response {
  asked.push(`${init.method} ${path}`);
  if (path === '/api/consults') return respond(200, { consults: [] });
  const id = /^\/api\/corrections\/(.+)\/acknowledge$/.exec(path)?.[1];
  if (!id && answer.list !== 200) return respond(answer.list);
  if (path.endsWith('/count')) return respond(200, { count: held.length });
  if (!id) return respond(200, { corrections: held });
  if (answer.acknowledge !== 500) held = held.filter((one) => one.id !== id);
  return respond(answer.acknowledge);
}

beforeEach(async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  held = [];
  answer = { list: 200, acknowledge: 204 };
  asked = [];
  queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => server(path, init));
  await i18n.changeLanguage('en');
  await i18n.loadNamespaces(['shell', 'errors', 'workspace']);
  document.body.innerHTML = '<div id="root"></div>';
  root = createRoot(document.getElementById('root') as HTMLElement);
});
afterEach(async () => {
  await act(async () => root.unmount());
  queries.clear();
  focusManager.setFocused(undefined);
  onlineManager.setOnline(true);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Lets time pass, and what waits for it happen. */
const pass = (ms = 50): Promise<void> => act(async () => void (await vi.advanceTimersByTimeAsync(ms)));

async function show(element: ReactElement, at = '/quality'): Promise<void> {
  await act(async () =>
    root.render(
      <QueryClientProvider client={queries}>
        <MemoryRouter initialEntries={[at]}>
          <Suspense fallback={null}>{element}</Suspense>
        </MemoryRouter>
      </QueryClientProvider>,
    ),
  );
  await pass();
}
const status = (): string => document.querySelector('.corrected')?.textContent ?? 'no place for words';
const acknowledge = async (about: string): Promise<void> => {
  const button = [...document.querySelectorAll('button')].find(({ textContent }) => textContent?.includes(about));
  await act(async () => button?.click());
  await pass();
};
const listed = (): string[] => [...document.querySelectorAll('article h2')].map(({ textContent }) => textContent ?? '');

describe('the notice', () => {
  test('has an empty place while nothing was corrected, so that what comes is announced', async () => {
    await show(<CorrectionsNotice />);
    expect(asked).toEqual(['GET /api/corrections/count']);
    expect(document.querySelector('[role=status]')?.childElementCount).toBe(0);
  });
  test('says how many results were corrected and leads to them', async () => {
    held = [correction('a')];
    await show(<CorrectionsNotice />);
    expect(status()).toContain('A result that you saw was corrected');
    expect(document.querySelector('.corrected a')?.getAttribute('href')).toBe('/corrections');
    held = [correction('a'), correction('b'), correction('c')];
    await pass(MINUTE_MS);
    expect(status()).toContain('3 results that you saw were corrected');
  });
  test('does not take the most that the server names for all there are', async () => {
    held = Array.from({ length: 100 }, (_, index) => correction(String(index)));
    await show(<CorrectionsNotice />);
    expect(status()).toContain('100 or more results');
  });
  test('is not beside the list, which says the same', async () => {
    held = [correction('a')];
    await show(<CorrectionsNotice />, '/corrections');
    expect(status()).toBe('');
  });
  test.each([
    ['hidden', () => focusManager.setFocused(false)],
    ['offline', () => onlineManager.setOnline(false)],
  ])('asks every minute, but not while %s', async (_, leave) => {
    await show(<CorrectionsNotice />);
    await pass(2 * MINUTE_MS);
    expect(asked).toHaveLength(3);
    leave();
    await pass(3 * MINUTE_MS);
    expect(asked).toHaveLength(3);
  });
  test('says that nothing is known when the server refuses, and keeps what was known', async () => {
    answer.list = 500;
    await show(<CorrectionsNotice />);
    expect(status()).toContain('could not be checked');
    answer.list = 200;
    held = [correction('a')];
    await pass(MINUTE_MS);
    expect(status()).toContain('A result that you saw was corrected');
    answer.list = 500;
    await pass(MINUTE_MS);
    expect(status()).toContain('A result that you saw was corrected');
  });
  test.each([401, 503])('leaves %i to what the whole application says', async (code) => {
    answer.list = code;
    await show(<CorrectionsNotice />);
    expect(status()).toBe('');
  });
});

describe('who is told', () => {
  async function asks(role: Role, factor_needed = false): Promise<boolean> {
    const user = { id: 'u', name: 'Somebody', login: 'somebody', role, practitioner_id: null, registration: null, organization: null };
    const session = { user, csrf: 'x', provider: null, factor_needed } as unknown as Session;
    queries.setQueryData<SessionAnswer>(['session'], { session } as SessionAnswer);
    await show(
      <Routes>
        <Route element={<SignedInLayout />}>
          <Route path="/account" element={<main />} />
        </Route>
      </Routes>,
      '/account',
    );
    // The notice is a file of its own.
    await vi.dynamicImportSettled();
    await pass();
    return asked.includes('GET /api/corrections/count');
  }
  const told: readonly Role[] = ['clinician', 'specialist', 'reporter'];
  test.each(ROLES)('%s', async (role) => expect(await asks(role)).toBe(told.includes(role)));
  test('nobody who has yet to set up a second factor', async () => expect(await asks('clinician', true)).toBe(false));
});

describe('the list', () => {
  test('says what was, what is, and what was withdrawn', async () => {
    held = [correction('a'), correction('b', null)];
    await show(<CorrectionsPage />);
    expect(document.querySelector('del')?.textContent).toBe('7.1 mmol/L');
    expect(document.querySelector('ins')?.textContent).toBe('4.1 mmol/L');
    expect([...document.querySelectorAll('thead th')].slice(0, 3).map(({ textContent }) => textContent)).toEqual(['Result', 'Was', 'Now']);
    expect(document.body.textContent).toContain('Withdrawn: entered in error');
    expect(document.querySelector('article a')?.getAttribute('href')).toBe('/patients/patient-a');
  });
  test('goes on to the next when one is acknowledged, and says when none is left', async () => {
    held = [correction('a'), correction('b')];
    await show(<CorrectionsPage />);
    await acknowledge('Panel a');
    expect(asked).toContain('POST /api/corrections/a/acknowledge');
    expect(listed()).toEqual(['Panel b']);
    expect(document.activeElement?.id).toBe('correction-b');
    await acknowledge('Panel b');
    expect(document.activeElement?.textContent).toContain('Nothing was corrected');
  });
  test('keeps one that the server did not take, and says so', async () => {
    held = [correction('a')];
    answer.acknowledge = 500;
    await show(<CorrectionsPage />);
    await acknowledge('Panel a');
    expect(listed()).toEqual(['Panel a']);
    expect(document.querySelector('article [role=alert]')).not.toBeNull();
  });
  test('lets go of one that was acknowledged in another window', async () => {
    held = [correction('a'), correction('b')];
    answer.acknowledge = 404;
    await show(<CorrectionsPage />);
    await acknowledge('Panel a');
    expect(listed()).toEqual(['Panel b']);
    expect(document.querySelector('[role=alert]')).toBeNull();
  });
  test('does not bring one back with a list that was read before', async () => {
    held = [correction('a'), correction('b')];
    await show(<CorrectionsPage />);
    const before = { corrections: held };
    const late: (() => void)[] = [];
    vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
      const reading = init.method === 'GET' && late.length === 0;
      return reading ? new Promise((done) => late.push(() => done(respond(200, before)))) : Promise.resolve(server(path, init));
    });
    await act(async () => void queries.invalidateQueries({ queryKey: ['corrections', 'list'] }));
    await pass();
    expect(late).toHaveLength(1);
    await acknowledge('Panel a');
    late.forEach((done) => done());
    await pass();
    expect(listed()).toEqual(['Panel b']);
  });
});

test('after the last of the list comes the one above it, and after the only one none', () => {
  const list = [correction('a'), correction('b')];
  expect(following(list, 'a')?.id).toBe('b');
  expect(following(list, 'b')?.id).toBe('a');
  expect(following(list.slice(1), 'b')).toBeNull();
  expect(following(list, 'gone')?.id).toBe('a');
});
