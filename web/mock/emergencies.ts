import type * as api from '../src/api/messages.ts';
import { administrator, clinician, speaker } from './access.ts';
import { type Call, Refusal, type Router } from './http.ts';
import { type World, iso, newId } from './world.ts';

const HOUR_MS = 3_600_000;
const PAGE = 50;

/** Records that are opened in an emergency, and who has read a patient's record. */
export function emergencyRoutes(router: Router, world: World): void {
  const opened: api.EmergencyAccess[] = [];
  router.on('POST', '/emergencies', (call) => {
    const emergency = open(world, call);
    opened.unshift(emergency);
    return { status: 201, json: { patient_id: emergency.patient_id, until: emergency.until } satisfies api.OpenedEmergency };
  });
  router.on('GET', '/admin/emergencies', (call) => {
    administrator(world, call);
    return { json: { emergencies: opened } };
  });
  router.on('GET', '/visits/:id/accesses', (call) => {
    const { made, participant } = speaker(world, call);
    if (participant.role !== 'patient') throw new Refusal(403, 'forbidden');
    const all = [...opened.filter((one) => one.patient_id === made.visit.patient.id).map((one) => inEmergency(world, one)), ...readings(made.visit)];
    const from = Number(call.query.get('before') ?? 0);
    const next = from + PAGE < all.length ? from + PAGE : null;
    return { json: { accesses: all.slice(from, from + PAGE), next } satisfies api.RecordAccesses };
  });
}

function open(world: World, call: Call): api.EmergencyAccess {
  const user = clinician(world, call);
  const { identifier, birth_date, reason } = call.body<{ identifier: string; birth_date: string; reason: string }>();
  if ([...reason.trim()].length < 10) throw new Refusal(422, 'reason.short', { field: 'reason' });
  const found = world.patients.filter((one) => one.birth_date === birth_date && one.identifiers.some(({ value }) => value === identifier));
  const [patient] = found;
  if (!patient || found.length > 1) throw new Refusal(404, 'not-found');
  return { id: newId(), patient_id: patient.id, name: user.name, organization_id: user.organization?.id ?? '', reason, at: iso(), until: iso(HOUR_MS) };
}

function inEmergency(world: World, { name, organization_id, at, reason }: api.EmergencyAccess): api.RecordAccess {
  const organization = world.organizations.find(({ id }) => id === organization_id)?.name ?? null;
  return { at, who: name, kind: 'clinician', organization, what: 'used', operation: 'emergency.open', purpose: 'BTG', reason };
}

/** Two months of ordinary readings, more than a page. */
function readings(visit: api.Visit): api.RecordAccess[] {
  const by = { who: visit.practitioner.name, kind: 'clinician', organization: visit.organization.name, purpose: 'TREAT' } as const;
  const self = { who: visit.patient.name, kind: 'patient', organization: visit.organization.name, purpose: 'PATRQT' } as const;
  const program = { who: null, kind: 'program', organization: visit.organization.name, purpose: 'TREAT' } as const;
  const day = [
    { ...self, what: 'read', operation: 'visit.read' },
    { ...by, what: 'read', operation: 'chart.read' },
    { ...by, what: 'changed', operation: 'note.save' },
    { ...program, what: 'read', operation: 'fhir.read' },
  ] as const;
  return Array.from({ length: 60 }, (_, index) => ({ ...(day[index % day.length] as (typeof day)[number]), at: iso(-(index + 1) * 5 * HOUR_MS), reason: null }));
}
