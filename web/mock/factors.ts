import type * as api from '../src/api/messages.ts';
import { account, administrator } from './access.ts';
import { Refusal, type Router } from './http.ts';
import { PASSWORD } from './session.ts';
import { type World, iso, newId } from './world.ts';

/** Any authenticator app shows this code in the mock. Passkeys need a real server. */
export const CODE = '123456';

export function factorRoutes(router: Router, world: World): void {
  const sessions: api.OpenSession[] = [
    { id: newId(), browser: 'Chrome', system: 'Linux', address: '127.0.0.1', first_seen: iso(-3_600_000), last_seen: iso(), this: true },
    { id: newId(), browser: 'WeChat', system: 'Android', address: '203.0.113.9', first_seen: iso(-90_000_000), last_seen: iso(-80_000_000), this: false },
  ];
  let rules: api.SignInRules = { second_factor: [] };
  const factors: api.Factors = { password: true, totp: null, passkeys: [], recovery_codes: 0, required: false, passkey_address: null, provider: null };
  const codes = (): string[] => {
    factors.recovery_codes = 10;
    return Array.from({ length: 10 }, () => newId().slice(0, 19));
  };
  ofSessions(router, world, sessions);
  router.on('GET', '/session/applications', (call) => (account(world, call), { json: { grants: [] } }));
  router.on('GET', '/session/factors', (call) => (account(world, call), { json: factors }));
  router.on('POST', '/session/totp', (call) => {
    account(world, call);
    return { json: { secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/Bianque:mock', qr: { size: 3, path: 'M0 0h3v1h-3zM1 1h1v1h-1z' } } };
  });
  router.on('POST', '/session/totp/confirm', (call) => {
    account(world, call);
    if (call.body<{ code: string }>().code !== CODE) throw new Refusal(422, 'code.wrong', { field: 'code' });
    factors.totp = { added_at: iso() };
    return { json: { recovery_codes: factors.recovery_codes ? null : codes() } };
  });
  router.on('DELETE', '/session/totp', (call) => {
    account(world, call);
    Object.assign(factors, { totp: null, recovery_codes: 0 });
    return {};
  });
  router.on('POST', '/session/recovery-codes', (call) => (account(world, call), { json: { recovery_codes: codes() } }));
  router.on('POST', '/session/proof', (call) => {
    account(world, call);
    const { password, code } = call.body<{ password?: string; code?: string }>();
    if (password !== undefined && password !== PASSWORD) throw new Refusal(401, 'password.wrong', { field: 'password' });
    if (code !== undefined && code !== CODE) throw new Refusal(401, 'code.wrong', { field: 'code' });
    return {};
  });
  router.on('GET', '/admin/sign-in', (call) => (administrator(world, call), { json: { rules } }));
  router.on('PUT', '/admin/sign-in', (call) => {
    administrator(world, call);
    rules = call.body<api.SignInRules>();
    return { json: { rules } };
  });
}

function ofSessions(router: Router, world: World, sessions: api.OpenSession[]): void {
  const endOthers = (): void => void sessions.splice(1);
  router.on('GET', '/sessions', (call) => (account(world, call), { json: { sessions } }));
  router.on('DELETE', '/sessions', (call) => (account(world, call), endOthers(), {}));
  router.on('DELETE', '/sessions/:id', (call) => {
    account(world, call);
    const at = sessions.findIndex((one) => one.id === call.at.id);
    if (at < 0) throw new Refusal(404, 'not-found');
    sessions.splice(at, 1);
    return {};
  });
  router.on('GET', '/admin/users/:id/sessions', (call) => (administrator(world, call), { json: { sessions: sessions.map((one) => ({ ...one, this: false })) } }));
  router.on('DELETE', '/admin/users/:id/sessions', (call) => (administrator(world, call), endOthers(), {}));
  router.on('DELETE', '/admin/users/:id/second-factor', (call) => (administrator(world, call), {}));
}
