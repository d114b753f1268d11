import type * as api from '../src/api/messages.ts';
import { administrator } from './access.ts';
import { Refusal, type Router } from './http.ts';
import { type World, iso, newId } from './world.ts';

export function adminRoutes(router: Router, world: World): void {
  users(router, world);
  organizations(router, world);
  router.on('GET', '/admin/schedules', (call) => {
    administrator(world, call);
    return { json: { schedules: world.schedules } };
  });
  router.on('PUT', '/admin/schedules/:practitioner', (call) => {
    administrator(world, call);
    const schedule = world.schedules.find((one) => one.practitioner.id === call.at.practitioner);
    if (!schedule) throw new Refusal(404, 'schedule.unknown');
    Object.assign(schedule, call.body<Partial<api.Schedule>>());
    return { json: { schedules: world.schedules } };
  });
  router.on('GET', '/admin/prices', (call) => {
    administrator(world, call);
    return { json: { prices: world.prices } };
  });
  router.on('PUT', '/admin/prices/:code', (call) => {
    administrator(world, call);
    const body = call.body<Omit<api.Price, 'code'>>();
    const code = call.at.code ?? '';
    const found = world.prices.find((one) => one.code === code);
    const price = found ? Object.assign(found, body) : { code, ...body };
    if (!found) world.prices.push(price);
    return { json: { price } };
  });
}

function users(router: Router, world: World): void {
  const link = (): string => `http://127.0.0.1:5173/password/${newId()}`;
  router.on('GET', '/admin/users', (call) => {
    administrator(world, call);
    return { json: { users: world.users } };
  });
  router.on('POST', '/admin/users', (call) => {
    administrator(world, call);
    const body = call.body<Pick<api.User, 'name' | 'login' | 'role' | 'registration' | 'title'> & { organization_id: string }>();
    if (world.users.some((one) => one.login === body.login)) throw new Refusal(409, 'user.exists', { field: 'login' });
    const { organization_id, ...rest } = body;
    const made: api.User = {
      ...rest,
      id: newId(),
      practitioner_id: body.role === 'clinician' ? newId() : null,
      organization: world.organizations.find((one) => one.id === organization_id) ?? null,
      active: true,
      created_at: iso(),
      last_seen_at: null,
    };
    world.users.push(made);
    return { status: 201, json: { user: made, password_link: link() } };
  });
  router.on('PATCH', '/admin/users/:id', (call) => {
    administrator(world, call);
    const user = world.users.find((one) => one.id === call.at.id);
    if (!user) throw new Refusal(404, 'user.unknown');
    const { organization_id, ...rest } = call.body<Partial<api.User> & { organization_id?: string }>();
    Object.assign(user, rest);
    if (organization_id) user.organization = world.organizations.find((one) => one.id === organization_id) ?? null;
    return { json: { user } };
  });
  router.on('POST', '/admin/users/:id/password-link', (call) => {
    administrator(world, call);
    return { json: { password_link: link() } };
  });
}

function organizations(router: Router, world: World): void {
  router.on('GET', '/organizations', () => ({ json: { organizations: world.organizations } }));
  router.on('GET', '/admin/organizations', (call) => {
    administrator(world, call);
    return { json: { organizations: world.organizations } };
  });
  router.on('POST', '/admin/organizations', (call) => {
    administrator(world, call);
    const organization = { id: newId(), ...call.body<Omit<api.Organization, 'id'>>() };
    world.organizations.push(organization);
    return { status: 201, json: { organization } };
  });
  router.on('PATCH', '/admin/organizations/:id', (call) => {
    administrator(world, call);
    const organization = world.organizations.find((one) => one.id === call.at.id);
    if (!organization) throw new Refusal(404, 'organization.unknown');
    return { json: { organization: Object.assign(organization, call.body<Partial<api.Organization>>()) } };
  });
}
