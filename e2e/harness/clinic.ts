import { expect, request, type APIRequestContext, type APIResponse, type BrowserContext } from '@playwright/test';
import { demo } from './ready.ts';

/** A booked visit, and what its patient needs to come in. */
export interface Booked {
  visitId: string;
  patientId: string;
  patientName: string;
  birthDate: string;
  link: string;
}

export interface NewPatient {
  name: string;
  birth_date: string;
  phone: string;
}

/** A session at the API: its cookies, and the value that goes with every request that changes something. */
export class Session {
  readonly request: APIRequestContext;
  readonly csrf: string;
  readonly #as: Record<string, string>;

  /** `as` is sent with every request, such as `x-bianque-as`. */
  constructor(requests: APIRequestContext, csrf: string, as: Record<string, string> = {}) {
    this.request = requests;
    this.csrf = csrf;
    this.#as = as;
  }

  send(method: string, path: string, data?: unknown, headers: Record<string, string> = {}): Promise<APIResponse> {
    const all = { 'x-csrf-token': this.csrf, ...this.#as, ...headers };
    return this.request.fetch(`${demo().http}${path}`, { method, headers: all, ...(data !== undefined && { data }) });
  }

  /** Sends, and reads the JSON of an answer that must be 2xx. */
  async ask<T>(method: string, path: string, data?: unknown, headers?: Record<string, string>): Promise<T> {
    const answer = await this.send(method, path, data, headers);
    expect(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`).toBe(true);
    return (answer.status() === 204 ? undefined : await answer.json()) as T;
  }
}

/** Somebody of the demo whom one becomes with one click. */
export interface DemoPerson {
  key: string;
  name: string;
  role: 'clinician' | 'specialist' | 'reporter' | 'front-desk' | 'supervisor' | 'administrator';
  organization: string;
}

/** Those whom the demo began with; accounts that tests made have passwords of their own, or none. */
export async function demoPeople(): Promise<DemoPerson[]> {
  const answer = await fetch(`${demo().http}/api/demo/people`);
  const { people } = (await answer.json()) as { people: DemoPerson[] };
  return people.filter(({ name }) => name.endsWith('(Demo)'));
}

/** Signs in as somebody of the demo: in a browser that is already there, or without one. */
export async function become(person: DemoPerson, context?: BrowserContext): Promise<Session> {
  const requests = context?.request ?? (await request.newContext());
  const answer = await requests.post(`${demo().http}/api/demo/sign-in`, { data: { key: person.key } });
  const { session } = (await answer.json()) as { session: { csrf: string } };
  return new Session(requests, session.csrf);
}

/** The first clinician of the demo, or one of another institution than `notOf`. */
export async function someClinician(notOf?: string): Promise<DemoPerson> {
  const people = await demoPeople();
  return people.find(({ role, organization }) => role === 'clinician' && organization !== notOf)!;
}

/** The demo's first of a role. */
export async function someone(role: DemoPerson['role']): Promise<DemoPerson> {
  return (await demoPeople()).find((person) => person.role === role)!;
}

/** Takes in a patient and opens a visit for now. */
export async function walkIn(clinician: Session, patient: NewPatient, reason = ''): Promise<Booked> {
  const taken = await clinician.ask<{ patient: { id: string } }>('POST', '/api/patients', {
    ...patient,
    sex: 'female',
    language: 'en',
  });
  const { visit, join_url } = await clinician.ask<{ visit: { id: string }; join_url: string }>('POST', '/api/visits', {
    patient_id: taken.patient.id,
    visit_type: 'general',
    reason,
  });
  return {
    visitId: visit.id,
    patientId: taken.patient.id,
    patientName: patient.name,
    birthDate: patient.birth_date,
    link: join_url,
  };
}

export function tokenOf(link: string): string {
  return link.slice(link.lastIndexOf('/') + 1);
}

/** Confirms the birth date as the page does; the visit's cookie stays with `requests`. */
export async function confirm(requests: APIRequestContext, visit: Booked): Promise<Session> {
  const answer = await requests.post(`${demo().http}/api/visits/${visit.visitId}/confirm`, {
    data: { token: tokenOf(visit.link), birth_date: visit.birthDate },
  });
  expect(answer.status(), await answer.text()).toBe(200);
  return new Session(requests, ((await answer.json()) as { csrf: string }).csrf, { 'x-bianque-as': 'visit' });
}

export const shortAnswers = {
  reason: 'A cough since Monday',
  symptoms: ['cough'],
  duration: { value: 3, unit: 'd' },
  location: { text: '12 River Road', city: 'Suzhou' },
  callback_number: '+86 138 0000 0000',
  emergency_contact: { name: 'Chen Mei', phone: '+86 139 0000 0000', relation: '' },
  red_flags: [] as string[],
};

/** The patient's steps of a visit, without a page. */
export function stepsOf(patient: Session, visit: Booked) {
  const at = `/api/visits/${visit.visitId}`;
  const device = { speaker: true, down_mbps: 20, up_mbps: 10, rtt_ms: 20, jitter_ms: 2, browser: 'test' };
  return {
    checkDevices: (camera = 'ok', microphone = 'ok') =>
      patient.ask('POST', `${at}/device-check`, { camera, microphone, ...device }),
    consent: async () => {
      const { version } = await patient.ask<{ version: string }>('GET', '/api/consents/visit');
      const agreed = { version, language: 'en', agreed: true, by: 'patient', name: visit.patientName };
      return patient.ask('POST', `${at}/consent`, agreed);
    },
    answer: (answers: Partial<typeof shortAnswers> = {}) =>
      patient.ask('PUT', `${at}/intake`, { ...shortAnswers, ...answers }),
    goIn: () => patient.ask('POST', `${at}/arrive`),
  };
}

/** Every step up to the waiting room, without a page; a page of `requests` goes on from there. */
export async function arrive(
  requests: APIRequestContext,
  visit: Booked,
  answers: Partial<typeof shortAnswers> = {},
): Promise<Session> {
  const patient = await confirm(requests, visit);
  const steps = stepsOf(patient, visit);
  await steps.checkDevices();
  await steps.consent();
  await steps.answer(answers);
  await steps.goIn();
  return patient;
}

/** Lets the patient into the call. */
export async function letIn(clinician: Session, visit: Booked): Promise<void> {
  await clinician.ask('POST', `/api/visits/${visit.visitId}/admit`, { identifiers: ['name', 'birth_date'] });
}

/** Another visit of the same patient, for now. */
export async function again(clinician: Session, visit: Booked, reason = ''): Promise<Booked> {
  const body = { patient_id: visit.patientId, visit_type: 'general', reason };
  const next = await clinician.ask<{ visit: { id: string }; join_url: string }>('POST', '/api/visits', body);
  return { ...visit, visitId: next.visit.id, link: next.join_url };
}

/** Asks somebody with an account about a visit. */
export async function askAbout(clinician: Session, visit: Booked, asked: DemoPerson, question: string): Promise<void> {
  const { practitioners } = await clinician.ask<{ practitioners: { id: string; name: string }[] }>(
    'GET',
    '/api/practitioners/to-ask',
  );
  const practitioner_id = practitioners.find(({ name }) => name === asked.name)!.id;
  await clinician.ask('POST', `/api/visits/${visit.visitId}/invitations`, { practitioner_id, question });
}

/** Invites a clinician of some institution. */
export async function inviteInto(
  clinician: Session,
  visit: Booked,
  question: string,
): Promise<{ id: string; url: string }> {
  const { organizations } = await clinician.ask<{ organizations: { id: string }[] }>('GET', '/api/organizations');
  const body = { name: 'Dr Asked', organization_id: organizations.at(-1)!.id, question };
  const at = `/api/visits/${visit.visitId}/invitations`;
  const { invitation, url } = await clinician.ask<{ invitation: { id: string }; url: string }>('POST', at, body);
  return { id: invitation.id, url };
}

/** Who is invited as a guest. */
export interface InvitedGuest {
  role: 'family' | 'interpreter' | 'observer';
  name: string;
  relationship?: string;
  languages?: string[];
}

/** Invites a guest by link. */
export async function inviteGuest(by: Session, visit: Booked, guest: InvitedGuest): Promise<{ id: string; url: string }> {
  const made = await by.ask<{ guest: { id: string }; url: string }>('POST', `/api/visits/${visit.visitId}/guests`, guest);
  return { id: made.guest.id, url: made.url };
}

/** A guest who confirmed their name and waits in the lobby, without a page; a page of `requests` goes on from there. */
export async function guestWaits(requests: APIRequestContext, visit: Booked, url: string, name: string): Promise<Session> {
  const at = `/api/visits/${visit.visitId}`;
  const answer = await requests.post(`${demo().http}${at}/confirm`, { data: { token: tokenOf(url), name } });
  expect(answer.status(), await answer.text()).toBe(200);
  const guest = new Session(requests, ((await answer.json()) as { csrf: string }).csrf, { 'x-bianque-as': 'visit' });
  const { version } = await guest.ask<{ version: string }>('GET', `${at}/guest-text`);
  await guest.ask('POST', `${at}/knock`, { version, language: 'en', agreed: true });
  return guest;
}
