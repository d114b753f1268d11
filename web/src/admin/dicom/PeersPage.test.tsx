import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Suspense, act } from 'react';
import { type Root, createRoot } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import i18n from '../../i18n';
import PeersPage from './PeersPage';
import { type DicomPeer, type DicomPeerRules, newPeer } from './peers';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

/** The server: whom it knows, what it answers to the list, and what it was told. */
let known: DicomPeer[];
let status: number;
let told: { method: string; path: string; rules: DicomPeerRules | null }[];
let root: Root;

const refused = (status: number, code: string, field?: string): Response =>
  new Response(JSON.stringify({ error: { code, message: code, ...(field && { field }) } }), { status });

function server(path: string, { method = 'GET', body }: RequestInit): Response {
  if (path === '/api/admin/organizations') return Response.json({ organizations: [] });
  if (method === 'GET') return status === 200 ? Response.json({ ae_title: 'BIANQUE', peers: known }) : refused(status, 'internal');
  const rules = typeof body === 'string' ? (JSON.parse(body) as DicomPeerRules) : null;
  told.push({ method, path, rules });
  const id = decodeURIComponent(path.slice('/api/admin/peers/'.length)) || 'made';
  if (rules?.title === 'TAKEN') return refused(409, 'peer.known');
  if (rules?.title === 'ODD') return refused(422, 'field.title', 'title');
  known = [...known.filter((peer) => peer.id !== id), ...(rules ? [{ ...rules, id }] : [])];
  return rules ? Response.json({ ...rules, id }) : new Response(null, { status: 204 });
}

const settle = (): Promise<void> => act(() => new Promise<void>((resolve) => setTimeout(resolve, 20)));

async function open(): Promise<void> {
  await i18n.changeLanguage('en');
  await i18n.loadNamespaces(['admin', 'dicom', 'peers', 'errors']);
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  await act(async () =>
    root.render(
      <QueryClientProvider client={queries}>
        <Suspense>
          <PeersPage />
        </Suspense>
      </QueryClientProvider>,
    ),
  );
  await settle();
}

const said = (): string => document.body.textContent ?? '';
const rows = (): string[] => [...document.querySelectorAll('tbody tr')].map((row) => row.textContent ?? '');
const dialog = (): HTMLElement | null => document.querySelector('[role=dialog]');

async function press(name: string, within: ParentNode = document): Promise<void> {
  const found = [...within.querySelectorAll<HTMLElement>('button, [role=menuitem]')].filter((one) => one.textContent?.trim() === name);
  expect(found.length, `one ${name}`).toBe(1);
  await act(async () => found[0]!.click());
  await settle();
}

/** Writes as a person does: React hears of it by the event. */
async function write(field: string, text: string): Promise<void> {
  const box = document.getElementById(`peer-${field}`) as HTMLInputElement;
  await act(async () => {
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(box), 'value')!.set!.call(box, text);
    box.dispatchEvent(new Event('input', { bubbles: true }));
  });
}

async function choose(name: string, action: string): Promise<void> {
  await press(`Actions for ${name}`);
  await press(action);
}

beforeEach(() => {
  known = [];
  status = 200;
  told = [];
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => Promise.resolve(server(path, init)));
  const place = document.createElement('div');
  document.body.append(place);
  root = createRoot(place);
});

afterEach(async () => {
  await act(async () => root.unmount());
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

describe('devices and archives', () => {
  test('are none at first, and the server says what it is called', async () => {
    await open();
    expect(said()).toContain('No devices yet.');
    expect(said()).toContain('AE title of this server: BIANQUE');
  });
  test('are listed with what they may, where images go, and what is risky', async () => {
    known = [
      { ...newPeer({ name: 'CT 1', title: 'CT_1', addresses: ['192.0.2.7'] }), id: '1' },
      { ...newPeer({ name: 'Anybody', query: true, plain: true, host: 'pacs.example', port: 104 }), id: '2' },
    ];
    await open();
    const [scanner, anybody] = rows();
    for (const part of ['CT 1', 'CT_1', 'Store', '192.0.2.7', 'Nowhere', 'None']) expect(scanner).toContain(part);
    expect(scanner).not.toContain('Query');
    for (const part of ['Query', 'pacs.example:104', 'Lets in anybody', 'Without TLS', 'By AE title alone']) expect(anybody).toContain(part);
  });
  test('are not shown while the server does not answer, and a way to ask again is', async () => {
    status = 500;
    await open();
    expect(document.querySelector('[role=alert]')).not.toBeNull();
    status = 200;
    await press('Try again');
    expect(said()).toContain('No devices yet.');
  });
  test('are made once the entries are good', async () => {
    await open();
    await press('Add a device');
    await press('Add', dialog()!);
    expect(said()).toContain('Give it a name.');
    expect(document.activeElement?.id).toBe('peer-name');
    await write('name', 'CT 1');
    await write('title', 'CT_1');
    expect(said()).toContain('With neither address nor certificate');
    await write('addresses', '192.0.2.7 192.0.2.8');
    expect(said()).not.toContain('With neither address nor certificate');
    await press('Add', dialog()!);
    expect(told).toEqual([
      {
        method: 'POST',
        path: '/api/admin/peers',
        rules: newPeer({ name: 'CT 1', title: 'CT_1', addresses: ['192.0.2.7', '192.0.2.8'] }),
      },
    ]);
    expect(dialog()).toBeNull();
    expect(document.querySelector('[role=status]')?.textContent).toContain('CT 1 was saved.');
    expect(rows()).toHaveLength(1);
  });
  test('keep what was written where the server refuses it, and say why', async () => {
    known = [{ ...newPeer({ name: 'CT 1', title: 'CT_1' }), id: 'a/b' }];
    await open();
    await choose('CT 1', 'Change');
    await write('title', 'TAKEN');
    await press('Save', dialog()!);
    expect(dialog()!.querySelector('[role=alert]')?.textContent).toContain('Another device has this AE title.');
    await write('title', 'ODD');
    await press('Save', dialog()!);
    expect(dialog()!.textContent).toContain('An AE title has up to 16 letters');
    await write('title', 'CT_2');
    await press('Save', dialog()!);
    expect(told.map(({ method, path, rules }) => [method, path, rules?.title])).toEqual(
      ['TAKEN', 'ODD', 'CT_2'].map((title) => ['PUT', '/api/admin/peers/a%2Fb', title]),
    );
    expect(rows()[0]).toContain('CT_2');
  });
  test('are taken away after a question', async () => {
    known = [{ ...newPeer({ name: 'CT 1', title: 'CT_1' }), id: '1' }];
    await open();
    await choose('CT 1', 'Remove');
    expect(dialog()!.textContent).toContain('The images that it sent stay.');
    await press('Cancel', dialog()!);
    expect(told).toEqual([]);
    await choose('CT 1', 'Remove');
    await press('Remove', dialog()!);
    expect(told).toEqual([{ method: 'DELETE', path: '/api/admin/peers/1', rules: null }]);
    expect(said()).toContain('CT 1 was removed.');
    expect(said()).toContain('No devices yet.');
  });
});
