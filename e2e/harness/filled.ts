import { createHash, randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import type { APIRequestContext } from '@playwright/test';
import { letIn, type Booked, type Session } from './clinic.ts';
import { eczema } from './clinician.ts';
import { demo, demoPassword } from './ready.ts';

/** The smallest PNG that can be looked at: two by two, red. */
export const redPng = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==',
  'base64',
);

export interface Announced {
  size: number;
  sha256: string;
  content_type: string;
  body_site: string;
  side: string;
  name: string;
}

export function announcement(bytes: Buffer): Announced {
  return {
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    content_type: 'image/png',
    body_site: 'arm',
    side: 'left',
    name: 'arm.png',
  };
}

/** Begins an upload and leaves it there; its id. */
export async function beginUpload(patient: Session, visit: Booked, bytes = redPng): Promise<string> {
  const at = `/api/visits/${visit.visitId}/uploads`;
  const key = { 'idempotency-key': randomUUID() };
  return (await patient.ask<{ upload: { id: string } }>('POST', at, announcement(bytes), key)).upload.id;
}

/** Sends a photo in one piece; its id. */
export async function keepPhoto(patient: Session, visit: Booked): Promise<string> {
  const upload = await beginUpload(patient, visit);
  const { photo } = await patient.ask<{ photo: { id: string } }>(
    'PATCH',
    `/api/visits/${visit.visitId}/uploads/${upload}`,
    redPng,
    { 'upload-offset': '0', 'content-type': 'application/octet-stream' },
  );
  return photo.id;
}

export function say(speaker: Session, visit: Booked, text: string): Promise<unknown> {
  return speaker.ask('POST', `/api/visits/${visit.visitId}/chat`, { text }, { 'idempotency-key': randomUUID() });
}

/** The note of {@link eczema} with another plan, saved. */
export function saveNote(clinician: Session, visit: Booked, plan = eczema.plan): Promise<unknown> {
  return clinician.ask('PUT', `/api/visits/${visit.visitId}/note`, {
    version: 0,
    subjective: eczema.subjective,
    objective: eczema.objective,
    assessment: eczema.assessment,
    plan,
    diagnoses: [
      { system: 'http://hl7.org/fhir/sid/icd-10', code: 'L25.9', display: 'Contact dermatitis', verification: 'provisional' },
    ],
    prescriptions: [],
    disposition: 'self-care',
    go_to_hospital_if: eczema.goToHospitalIf,
    follow_up: eczema.followUp,
    self_care: eczema.selfCare,
  });
}

/** From the waiting room to the signed plan, without a call. */
export async function endAndSign(clinician: Session, visit: Booked, plan?: string): Promise<void> {
  const at = `/api/visits/${visit.visitId}`;
  await letIn(clinician, visit);
  await saveNote(clinician, visit, plan);
  await clinician.ask('POST', `${at}/end`, { reason: 'done' });
  const now = (await clinician.ask<{ visit: { chart_version: string; note_version: number } }>('GET', at)).visit;
  await clinician.ask('POST', `${at}/sign`, {
    password: await demoPassword(),
    chart_version: now.chart_version,
    note_version: now.note_version,
  });
}

/** A bearer token of the running server. */
export function createToken(scope = 'system/*.cruds'): string {
  const { data } = demo();
  return execFileSync(process.env.BIANQUE_BIN!, ['token', 'create', '--scope', scope, '--data', data!], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}

/** Every resource of a type, as a program reads them. */
export async function allOf(requests: APIRequestContext, token: string, type: string): Promise<{ id: string }[]> {
  const found: { id: string }[] = [];
  let next: string | undefined = `${demo().http}/fhir/${type}?_count=500`;
  while (next) {
    const answer = await requests.get(next, { headers: { authorization: `Bearer ${token}` } });
    const bundle = (await answer.json()) as {
      entry?: { resource: { id: string } }[];
      link?: { relation: string; url: string }[];
    };
    found.push(...(bundle.entry ?? []).map(({ resource }) => resource));
    next = bundle.link?.find(({ relation }) => relation === 'next')?.url;
  }
  return found;
}
