import type * as api from '../src/api/messages.ts';
import { ACCOUNT_CSRF, account, accountOf } from './access.ts';
import { type Answer, Refusal, type Router } from './http.ts';
import type { World } from './world.ts';

/** Any account signs in with this password in the mock. */
export const PASSWORD = 'bianque mock password';

export function sessionRoutes(router: Router, world: World): void {
  router.on('GET', '/session', (call) => {
    const user = accountOf(world, call.cookies);
    const session = user ? sessionOf(user) : null;
    return { json: { session, setup_needed: false, demo: true, version: '0.1.0', passkey_address: null, providers: [] } satisfies api.SessionAnswer };
  });
  router.on('POST', '/session', (call) => {
    const { login, password } = call.body<{ login: string; password: string }>();
    const user = world.users.find((one) => one.login === login && one.active);
    if (!user || password !== PASSWORD) throw new Refusal(401, 'login.wrong');
    return enter(user);
  });
  router.on('DELETE', '/session', () => ({ headers: { 'set-cookie': 'bianque_session=; Path=/; Max-Age=0' } }));
  router.on('POST', '/setup', (call) => {
    const body = call.body<{ token: string }>();
    if (body.token === 'wrong') throw new Refusal(403, 'setup.invalid');
    return enter(world.users.find((one) => one.role === 'administrator'));
  });
  router.on('POST', '/password', (call) => {
    const body = call.body<{ token: string; password: string }>();
    if (body.token === 'over') throw new Refusal(410, 'password-link.over');
    checkStrength(body.password);
    return enter(world.users[0]);
  });
  router.on('POST', '/session/password', (call) => {
    account(world, call);
    const body = call.body<{ current: string; new: string }>();
    if (body.current !== PASSWORD) throw new Refusal(422, 'password.wrong', { field: 'current' });
    checkStrength(body.new);
    return {};
  });
  router.on('GET', '/demo/people', () => ({
    json: {
      people: world.users.map((user) => ({ key: user.login, name: user.name, role: user.role, organization: user.organization?.name ?? '' })),
      password: 'demo-0000000000',
    },
  }));
  router.on('POST', '/demo/sign-in', (call) => {
    const { key } = call.body<{ key: string }>();
    return enter(world.users.find((user) => user.login === key));
  });
}

function checkStrength(password: string): void {
  if (password.length < 12) throw new Refusal(422, 'password.weak', { field: 'password' });
}

function enter(user: api.User | undefined): Answer {
  if (!user) throw new Refusal(401, 'login.wrong');
  return { json: { session: sessionOf(user) }, headers: { 'set-cookie': `bianque_session=${user.id}; Path=/; SameSite=Lax` } };
}

function sessionOf(user: api.User): api.Session {
  const { id, name, login, role, practitioner_id, registration, organization } = user;
  return {
    user: { id, name, login, role, practitioner_id, registration, organization },
    csrf: ACCOUNT_CSRF,
    expires_at: new Date(Date.now() + 12 * 3_600_000).toISOString(),
    idle_seconds: 1800,
    factor_needed: false,
    first_tenant: true,
    provider: null,
  };
}
