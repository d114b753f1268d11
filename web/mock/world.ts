import { randomUUID } from 'node:crypto';
import type * as api from '../src/api/messages.ts';
import { type HeldChart, chartOf } from './charts.ts';

/** Everything the mock knows. All people are invented. */
export interface World {
  organizations: api.Organization[];
  users: api.User[];
  schedules: api.Schedule[];
  prices: api.Price[];
  patients: api.PatientSummary[];
  charts: Map<string, HeldChart>;
  visits: Map<string, MockVisit>;
}

/** A visit as the clinician sees it, and what belongs to it. */
export interface MockVisit {
  visit: api.Visit;
  token: string;
  /** Join links that are no longer good, with the reason. */
  joinState: 'ok' | 'expired' | 'replaced' | 'locked' | 'bound';
  code: string;
  chat: api.Chat[];
  note: api.Note | null;
  vitals: api.Vital[];
  opinions: Map<string, api.Opinion>;
  uploads: Map<string, MockUpload>;
  photoBytes: Map<string, Buffer>;
}
export interface MockUpload {
  id: string;
  key: string;
  size: number;
  content_type: string;
  body_site: api.BodySite;
  side: api.Side;
  bytes: Buffer;
  photo: api.Photo | null;
  by: string;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export function iso(fromNowMs = 0): string {
  return new Date(Date.now() + fromNowMs).toISOString();
}
export function newId(): string {
  return randomUUID();
}

const clinic: api.Organization = { id: 'org-xinglin', name: '杏林诊所', city: '成都', phone: '028-5550-0101', kind: 'clinic' };
const hospital: api.Organization = { id: 'org-changsang', name: '长桑总医院', city: '成都', phone: '028-5550-0202', kind: 'hospital' };
const harbour: api.Organization = { id: 'org-harbour', name: 'Harbour Street Clinic', city: 'Hong Kong', phone: '2555 0303', kind: 'clinic' };

function user(id: string, name: string, role: api.Role, organization: api.Organization, title: string | null): api.User {
  const clinician = role === 'clinician';
  return {
    id: `user-${id}`,
    name,
    login: id,
    role,
    title,
    registration: clinician ? `1105100000${id.length}${id.charCodeAt(0)}` : null,
    practitioner_id: clinician ? `prac-${id}` : null,
    organization: { id: organization.id, name: organization.name },
    active: true,
    created_at: iso(-90 * DAY_MS),
    last_seen_at: iso(-3 * 60 * MINUTE_MS),
  };
}

const ORDER: [name: string, birth: string, sex: api.Sex, phone: string][] = [
  ['王秀兰', '1951-03-12', 'female', '138 0000 0101'],
  ['Chen Wei', '1984-05-17', 'male', '138 0000 0102'],
  ['李建国', '1966-11-02', 'male', '138 0000 0103'],
  ['Grace Okafor', '1992-08-25', 'female', '138 0000 0104'],
  ['张小雨', '2019-06-01', 'female', '138 0000 0105'],
  ['刘德明', '1958-01-30', 'male', '138 0000 0106'],
  ['Amira Haddad', '1977-09-14', 'female', '138 0000 0107'],
  ['赵敏', '1989-12-08', 'female', '138 0000 0108'],
  ['孙志强', '1971-07-19', 'male', '138 0000 0109'],
  ['Tomás Rivera', '2001-04-03', 'male', '138 0000 0110'],
];

function patients(): api.PatientSummary[] {
  return ORDER.map(([name, birth_date, sex, phone], index) => ({
    id: `pat-${index + 1}`,
    name,
    birth_date,
    sex,
    phone,
    identifiers: [{ system: 'urn:bianque:record-number', value: `MR-${2001 + index}` }],
    organization: { id: clinic.id, name: clinic.name },
    language: /[a-z]/i.test(name) ? 'en' : 'zh-CN',
  }));
}

export const visitTypes: api.Price[] = [
  price('general', { en: 'General visit', zh: '普通门诊' }, 80, 46, 50, 15),
  price('follow-up', { en: 'Follow-up', zh: '复诊' }, 50, 30, 32, 10),
  price('specialist', { en: 'Specialist consult', zh: '专家会诊' }, 260, 150, 160, 30),
];

function price(code: string, name: api.Names, amount: number, cost: number, reference: number, minutes: number): api.Price {
  const money = (value: number): api.Money => ({ amount: value, currency: 'CNY' });
  return { code, name, price: money(amount), cost: money(cost), reference_cost: money(reference), minutes, active: true };
}

/** One visit per state that a screen must show; `minutes` is its start relative to now. */
const VISITS: { id: string; patient: number; state: api.VisitState; next: api.NextStep; minutes: number; reason: string; flags?: api.RedFlag[] }[] = [
  { id: 'v-new', patient: 2, state: 'planned', next: 'device', minutes: 15, reason: '' },
  { id: 'v-waiting', patient: 1, state: 'arrived', next: 'waiting', minutes: -5, reason: '咳嗽三天，夜间加重', flags: ['breathing'] },
  { id: 'v-waiting-2', patient: 3, state: 'arrived', next: 'waiting', minutes: 0, reason: '膝关节疼痛' },
  { id: 'v-call', patient: 4, state: 'in-progress', next: 'call', minutes: -12, reason: 'Rash on the left forearm' },
  { id: 'v-ended', patient: 7, state: 'finished', next: 'ended', minutes: -45, reason: 'Headache for a week' },
  { id: 'v-plan', patient: 8, state: 'finished', next: 'plan', minutes: -90, reason: '皮疹复查' },
  { id: 'v-later', patient: 6, state: 'planned', next: 'device', minutes: 120, reason: '血压随访' },
  { id: 'v-child', patient: 5, state: 'planned', next: 'device', minutes: 180, reason: '发热' },
];

export function newWorld(): World {
  const users = [
    user('lin', '林望舒', 'clinician', clinic, '主治医师'),
    user('patel', 'Dr Asha Patel', 'clinician', harbour, 'General practitioner'),
    user('qin', '秦越', 'clinician', hospital, '皮肤科主任医师'),
    user('admin', '周衡', 'administrator', clinic, null),
  ];
  const world: World = {
    organizations: [clinic, hospital, harbour],
    users,
    schedules: users.filter((one) => one.practitioner_id).map(scheduleOf),
    prices: visitTypes,
    patients: patients(),
    charts: new Map(),
    visits: new Map(),
  };
  for (const patient of world.patients) world.charts.set(patient.id, chartOf(patient));
  for (const plan of VISITS) addPlanned(world, plan);
  return world;
}

function scheduleOf(one: api.User): api.Schedule {
  return {
    practitioner: { id: one.practitioner_id ?? '', name: one.name },
    organization: one.organization ?? { id: '', name: '' },
    weekly: ([1, 2, 3, 4, 5] as const).flatMap((day) => [
      { day, from: '09:00', to: '12:00' },
      { day, from: '14:00', to: '17:00' },
    ]),
    slot_minutes: 15,
    zone: 'Asia/Shanghai',
    active: true,
  };
}

function addPlanned(world: World, plan: (typeof VISITS)[number]): void {
  const patient = world.patients[plan.patient - 1];
  if (!patient) return;
  const made = makeVisit(world, { id: plan.id, patient, startMs: plan.minutes * MINUTE_MS, type: 'general', reason: plan.reason });
  const { visit } = made;
  visit.state = plan.state;
  visit.next = plan.next;
  visit.red_flags = plan.flags ?? [];
  if (plan.state !== 'planned') fillWayIn(visit);
  if (plan.state === 'arrived') visit.present = true;
  if (plan.state === 'in-progress') visit.admitted_at = iso(-4 * MINUTE_MS);
  if (plan.state === 'finished') {
    visit.admitted_at = iso(plan.minutes * MINUTE_MS);
    visit.ended_at = iso((plan.minutes + 12) * MINUTE_MS);
    visit.ended_reason = 'done';
  }
  if (plan.next === 'plan') signPlan(made);
}

function fillWayIn(visit: api.Visit): void {
  visit.arrived_at = iso(-8 * MINUTE_MS);
  visit.consent = { version: '2026-02', language: visit.patient.language, agreed: true, by: 'patient', name: visit.patient.name, at: iso(-9 * MINUTE_MS) };
  visit.device_check = { camera: 'ok', microphone: 'ok', speaker: true, down_mbps: 24.1, up_mbps: 8.3, rtt_ms: 31, jitter_ms: 4, ways: [], browser: 'mock' };
  visit.intake = {
    reason: visit.reason ?? '',
    symptoms: ['cough'],
    duration: { value: 3, unit: 'd' },
    location: { text: '锦江区临江路 8 号', city: '成都' },
    callback_number: visit.patient.phone ?? '',
    emergency_contact: { name: '王强', phone: '138 0000 0999', relation: 'child' },
    red_flags: visit.red_flags,
    notes: null,
  };
}

function signPlan(made: MockVisit): void {
  const { visit } = made;
  const zh = visit.patient.language === 'zh-CN';
  made.note = {
    version: 3,
    saved_at: visit.ended_at,
    signed: { by: visit.practitioner.name, at: visit.ended_at ?? iso(), hash: '9f2c4be1d07a55e0c1b7', jws: 'e30..mock' },
    subjective: zh ? '前臂瘙痒一周。' : 'Itching for a week.',
    objective: zh ? '视频可见红斑。' : 'Erythema on video.',
    assessment: zh ? '接触性皮炎。' : 'Contact dermatitis.',
    plan: zh ? '避免接触洗洁精，每日两次外用药膏，保持皮肤清洁干燥。' : 'Avoid detergents; apply the ointment twice a day; keep the skin clean and dry.',
    diagnoses: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'L25.9', display: zh ? '接触性皮炎' : 'Contact dermatitis', verification: 'confirmed' }],
    prescriptions: [
      {
        medication: zh ? '氢化可的松乳膏 1%' : 'Hydrocortisone cream 1%',
        dose: zh ? '薄涂患处' : 'thin layer',
        frequency: zh ? '每日 2 次' : 'twice daily',
        days: 7,
        instructions: zh ? '避开眼周' : 'Keep away from the eyes',
      },
    ],
    disposition: 'self-care',
    go_to_hospital_if: zh ? '皮疹迅速扩散、出现水疱，或有呼吸困难、面部肿胀。' : 'The rash spreads fast or blisters, or you have trouble breathing or a swollen face.',
    follow_up: zh ? '7 天后视频复诊。' : 'A video visit in 7 days.',
    self_care: zh ? '冷敷可缓解瘙痒，不要抓挠。' : 'Cool compresses ease the itch. Do not scratch.',
    addenda: [],
  };
  visit.signed = true;
  visit.plan_ready = true;
  visit.note_version = 3;
}

export interface NewVisit {
  id?: string;
  patient: api.PatientSummary;
  startMs: number;
  type: string;
  reason?: string;
  practitionerId?: string;
  walkIn?: boolean;
}

export function makeVisit(world: World, wanted: NewVisit): MockVisit {
  const doctor = world.users.find((one) => one.practitioner_id === (wanted.practitionerId ?? 'prac-lin')) ?? world.users[0];
  const type = world.prices.find((one) => one.code === wanted.type) ?? visitTypes[0];
  const id = wanted.id ?? newId();
  const made: MockVisit = {
    visit: {
      id,
      state: 'planned',
      start: iso(wanted.startMs),
      end: iso(wanted.startMs + (type?.minutes ?? 15) * MINUTE_MS),
      patient: wanted.patient,
      practitioner: { id: doctor?.practitioner_id ?? '', name: doctor?.name ?? '', title: doctor?.title ?? null, registration: doctor?.registration ?? null },
      visit_type: { code: type?.code ?? '', name: type?.name ?? { en: '', zh: '' } },
      reason: wanted.reason || null,
      red_flags: [],
      queue_place: null,
      arrived_at: null,
      signed: false,
      present: false,
      organization: { id: clinic.id, name: clinic.name, phone: clinic.phone },
      walk_in: wanted.walkIn ?? false,
      admitted_at: null,
      ended_at: null,
      ended_reason: null,
      first_media_at: null,
      consent: null,
    proxy: null,
      intake: null,
      device_check: null,
      join: { state: 'unused', expires_at: iso(wanted.startMs + DAY_MS), attempts_left: 5 },
      participants: [
        { id: `${id}-p`, name: wanted.patient.name, role: 'patient', organization: null, present: false, media: 'none' },
        { id: `${id}-c`, name: doctor?.name ?? '', role: 'clinician', organization: doctor?.organization?.name ?? null, present: false, media: 'none' },
      ],
      languages: [],
      locked: false,
      guests: [],
      invitations: [],
      photos: [],
      note_version: null,
      chart_version: '1',
      plan_ready: false,
      plan_confirmed_at: null,
      steps: ['device', 'consent', 'intake', 'waiting', 'call', 'plan'],
      next: 'device',
    },
    token: `t-${id}`,
    joinState: 'ok',
    code: '482913',
    chat: [],
    note: null,
    vitals: [],
    opinions: new Map(),
    uploads: new Map(),
    photoBytes: new Map(),
  };
  world.visits.set(id, made);
  return made;
}
