import type { Role, User } from '../src/api/messages.ts';
import type { Correction, ValueChange } from '../src/workspace/corrections/corrections.ts';
import { account } from './access.ts';
import { type Call, Refusal, type Router } from './http.ts';
import { type World, iso, newId } from './world.ts';

const HOUR_MS = 3_600_000;
const TOLD: readonly Role[] = ['clinician', 'specialist', 'reporter'];

/** Results that were corrected after somebody had seen them: for each account its own, until it acknowledges them. */
export function correctionRoutes(router: Router, world: World): void {
  const held = new Map<string, Correction[]>();
  const of = (call: Call): { user: User; corrections: Correction[] } => {
    const user = account(world, call);
    if (!TOLD.includes(user.role)) throw new Refusal(403, 'role.forbidden');
    const corrections = held.get(user.id) ?? (user.id === 'user-lin' ? twoCorrections(world) : []);
    held.set(user.id, corrections);
    return { user, corrections };
  };
  router.on('GET', '/corrections', (call) => ({ json: { corrections: of(call).corrections } }));
  router.on('GET', '/corrections/count', (call) => ({ json: { count: of(call).corrections.length } }));
  router.on('POST', '/corrections/:id/acknowledge', (call) => {
    const { user, corrections } = of(call);
    if (!corrections.some(({ id }) => id === call.at.id)) throw new Refusal(404, 'not-found');
    held.set(user.id, corrections.filter(({ id }) => id !== call.at.id));
    return {};
  });
}

/** A report of which two values changed, and an observation that was withdrawn. */
function twoCorrections(world: World): Correction[] {
  return [
    correction(world, 'Chen Wei', 'Basic metabolic panel', 26, 2, [
      { what: 'Potassium', was: '7.1 mmol/L', now: '4.1 mmol/L' },
      { what: 'Creatinine', was: '240 umol/L', now: '88 umol/L' },
    ]),
    correction(world, '王秀兰', '血糖', 50, 20, [{ what: '血糖', was: '18.4 mmol/L', now: null }]),
  ];
}

function correction(world: World, name: string, about: string, seenHours: number, correctedHours: number, changes: ValueChange[]): Correction {
  const patient = world.patients.find((one) => one.name === name);
  if (!patient) throw new Error(`nobody is called ${name}`);
  return {
    id: newId(),
    patient: { id: patient.id, name: patient.name, birth_date: patient.birth_date },
    about,
    changes,
    seen_at: iso(-seenHours * HOUR_MS),
    corrected_at: iso(-correctedHours * HOUR_MS),
  };
}
