import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ApiError, address, get, post, put, setAccountCsrf, setProver, setVisitCsrf, socketAddress } from './client';

const calls: { url: string; init: RequestInit }[] = [];
let answer: () => Promise<Response>;

beforeEach(() => {
  calls.length = 0;
  answer = () => Promise.resolve(Response.json({}));
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    calls.push({ url, init });
    return answer();
  });
});
afterEach(() => vi.unstubAllGlobals());

const headers = (): Record<string, string> => calls[0]?.init.headers as Record<string, string>;

describe('what a request carries', () => {
  test('an account sends its own token, and only with unsafe requests', async () => {
    setAccountCsrf('account-token');
    await get('/visits');
    expect(headers()['x-csrf-token']).toBeUndefined();
    calls.length = 0;
    await post('/visits', { patient_id: 'p' });
    expect(headers()['x-csrf-token']).toBe('account-token');
    expect(headers()['x-bianque-as']).toBeUndefined();
    expect(calls[0]?.init.body).toBe('{"patient_id":"p"}');
  });

  test('a visit speaks with the token of that visit and says that it does', async () => {
    setVisitCsrf('v1', 'token-1');
    setVisitCsrf('v2', 'token-2');
    await put('/visits/v2/intake', {}, { as: 'visit' });
    expect(headers()['x-csrf-token']).toBe('token-2');
    expect(headers()['x-bianque-as']).toBe('visit');
  });

  test('addresses for images and sockets carry in the query what headers cannot', () => {
    setVisitCsrf('v1', 'a b');
    expect(address('/visits/v1/photos/p/preview', 'visit')).toBe('/api/visits/v1/photos/p/preview?as=visit');
    expect(address('/api/visits/v1/photos/p/original', 'account')).toBe('/api/visits/v1/photos/p/original');
    expect(socketAddress('/visits/v1/socket', 'visit')).toMatch(/^wss?:.*\/api\/visits\/v1\/socket\?csrf=a\+b&as=visit$/);
  });
});

describe('what comes back', () => {
  test('a refusal keeps its code, field, details and wait', async () => {
    const body = { error: { code: 'join.mismatch', message: 'no', field: 'birth_date', details: { attempts_left: 3 } } };
    answer = () => Promise.resolve(Response.json(body, { status: 403, headers: { 'retry-after': '60' } }));
    const failure = await post('/visits/v/confirm', {}).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiError);
    expect(failure).toMatchObject({ status: 403, code: 'join.mismatch', field: 'birth_date', details: { attempts_left: 3 }, retryAfter: 60, passing: false });
  });

  test('an answer without our shape is named by its status', async () => {
    answer = () => Promise.resolve(new Response('<html>', { status: 502 }));
    await expect(get('/visits')).rejects.toMatchObject({ code: 'http.502', passing: true });
  });

  test('a network that is gone passes, text that is not JSON does not', async () => {
    answer = () => Promise.reject(new TypeError('failed'));
    await expect(get('/visits')).rejects.toMatchObject({ status: 0, code: 'network.failed', passing: true });
    answer = () => Promise.resolve(new Response('hello'));
    await expect(get('/visits')).rejects.toMatchObject({ code: 'answer.invalid', passing: false });
  });

  test('204 is nothing', async () => {
    answer = () => Promise.resolve(new Response(null, { status: 204 }));
    await expect(post('/visits/v/leave')).resolves.toBeUndefined();
  });
});

describe('a request that needs a fresh proof', () => {
  const needed = (): Response => Response.json({ error: { code: 'step-up.needed', message: 'prove' } }, { status: 403 });
  afterEach(() => setProver(null));

  test('is repeated once somebody proved who they are, and asks once for all that wait', async () => {
    let proved = false;
    answer = () => Promise.resolve(proved ? Response.json({ done: true }) : needed());
    const ask = vi.fn(async () => (proved = true));
    setProver(ask);
    await expect(Promise.all([post('/admin/users', {}), put('/admin/sign-in', {})])).resolves.toEqual([{ done: true }, { done: true }]);
    expect(ask).toHaveBeenCalledTimes(1);
    expect(calls).toHaveLength(4);
  });

  test('fails when nobody does, and when the server still wants one', async () => {
    answer = () => Promise.resolve(needed());
    await expect(post('/admin/users', {})).rejects.toMatchObject({ code: 'step-up.needed' });
    setProver(() => Promise.resolve(false));
    await expect(post('/admin/users', {})).rejects.toMatchObject({ code: 'step-up.needed' });
    expect(calls).toHaveLength(2);
    setProver(() => Promise.resolve(true));
    await expect(post('/admin/users', {})).rejects.toMatchObject({ code: 'step-up.needed' });
    expect(calls).toHaveLength(4);
  });
});
