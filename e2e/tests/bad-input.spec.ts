import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { expect, request, type APIRequestContext, type Page } from '@playwright/test';
import { openVisit } from '../harness/clinician.ts';
import {
  arrive,
  become,
  confirm,
  inviteInto,
  letIn,
  someClinician,
  tokenOf,
  walkIn,
  type Booked,
  type DemoPerson,
  type Session,
} from '../harness/clinic.ts';
import { announcement, beginUpload, createToken, redPng } from '../harness/filled.ts';
import { expectSeesAndHears } from '../harness/media.ts';
import { confirmBirthDate, fillBirthDate } from '../harness/patient.ts';
import { test } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';

const GIB = 1024 ** 3;
/** Bytes that one request of an upload may carry. */
const LARGEST_PIECE = 4 * 1024 ** 2;
/** In place of a status: the line was closed. */
const CLOSED = 0;

let treating: DemoPerson;
let clinician: Session;

test.beforeAll(async () => {
  treating = await someClinician();
  clinician = await become(treating);
});

test.afterEach(async ({ request: plain }) => {
  expect((await plain.get(`${demo().http}/readyz`)).ok(), 'the server is alive').toBe(true);
});

test.describe('links', () => {
  test('a forged one is unknown, a replaced one is over, and both say so', async ({ people }) => {
    const { page, context } = await people.withPhone('patient');
    const visit = await book('Bai Yi');
    const token = tokenOf(visit.link);
    const forged = (token.startsWith('A') ? 'B' : 'A') + token.slice(1);
    expect(await codeOf(context.request, 'GET', `/api/join/${forged}`)).toEqual([404, 'join.unknown']);
    await page.goto(visit.link.replace(token, forged));
    await expect(page.getByRole('heading', { level: 1, name: 'This link is not valid' })).toBeVisible();
    await clinician.ask('POST', `/api/visits/${visit.visitId}/link`);
    expect(await codeOf(context.request, 'GET', `/api/join/${token}`)).toEqual([410, 'join.replaced']);
    expect(await confirmCode(context.request, visit)).toEqual([410, 'join.replaced']);
    await page.goto(visit.link);
    await expect(page.getByRole('heading', { level: 1, name: 'This link has been replaced' })).toBeVisible();
  });

  test('a second browser stays out until it is let in again, and then the first is out', async ({ people }) => {
    const first = await people.withPhone('patient');
    const second = await people.withPhone('second browser');
    const visit = await book('Bai Er');
    await confirmBirthDate(first.page, visit.link, visit.birthDate);
    await expect(first.page.getByRole('heading', { level: 1, name: 'Check your camera and sound' })).toBeVisible();
    expect(await confirmCode(second.context.request, visit)).toEqual([409, 'join.bound']);
    await confirmBirthDate(second.page, visit.link, visit.birthDate);
    await expect(second.page.getByText('This visit is open on another device').first()).toBeVisible();
    const { code } = await clinician.ask<{ code: string }>('POST', `/api/visits/${visit.visitId}/let-in`);
    await second.page.getByRole('button', { name: 'I have a code from the clinic' }).click();
    await second.page.getByLabel('Enter the code from the clinic').fill(code);
    await second.page.getByRole('button', { name: 'Confirm', exact: true }).click();
    await expect(second.page.getByRole('heading', { level: 1, name: 'Check your camera and sound' })).toBeVisible();
    await expect(first.page.getByRole('heading', { level: 1, name: 'You have been signed out here' })).toBeVisible();
    // The code was for one browser.
    const third = await request.newContext();
    expect(await confirmCode(third, visit, { code })).toEqual([409, 'join.bound']);
  });

  test('five attempts, counted aloud; then the right date is refused too', async ({ people }) => {
    const { page, context } = await people.withPhone('patient');
    const visit = await book('Bai San');
    await page.goto(visit.link);
    for (const left of ['4 attempts left', '3 attempts left', '2 attempts left', '1 attempt left']) {
      await fillBirthDate(page, '1950-01-01');
      await page.getByRole('button', { name: 'Confirm', exact: true }).click();
      await expect(page.getByText(left).first()).toBeVisible();
    }
    await page.getByRole('button', { name: 'Confirm', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Too many attempts' })).toBeVisible();
    expect(await confirmCode(context.request, visit)).toEqual([429, 'join.locked']);
    await page.reload();
    await expect(page.getByRole('heading', { level: 1, name: 'Too many attempts' })).toBeVisible();
    await clinician.ask('POST', `/api/visits/${visit.visitId}/let-in`);
    await confirmBirthDate(page, visit.link, visit.birthDate);
    await expect(page.getByRole('heading', { level: 1, name: 'Check your camera and sound' })).toBeVisible();
  });
});

test('malformed session descriptions are refused, and the others in the room notice nothing', async ({ people }) => {
  test.setTimeout(90_000);
  const patient = await people.withPhone('patient');
  const desk = await people.atDesk('clinician');
  const sender = await people.atDesk('sender');
  await become(treating, desk.context);
  const visit = await book('Bai Si');
  const { url } = await inviteInto(clinician, visit, 'A second opinion, please.');
  await arrive(patient.context.request, visit);
  await letIn(clinician, visit);
  await patient.page.goto(`${demo().http}/v/${visit.visitId}`);
  await desk.page.goto(`${demo().http}/work`);
  await openVisit(desk.page, visit.visitId);
  await expectSeesAndHears(patient.page);
  const answers = await sendMalformed(sender.page, visit, await comeInAsConsultant(sender.context.request, visit, url));
  for (const [what, answer] of answers) {
    expect(['call.state:rejected', 'error:frame.invalid'], `${what}: ${answer}`).toContain(answer);
  }
  expect(answers.length).toBeGreaterThan(10);
  await expectSeesAndHears(patient.page);
  await expectSeesAndHears(desk.page);
});

test.describe('resources over FHIR', () => {
  const patient = { resourceType: 'Patient', name: [{ text: 'Bai Fhir' }], birthDate: '1980-01-02' };
  const bad: [what: string, resource: object, place: string][] = [
    ['an unknown field', { ...patient, favouriteColour: 'green' }, 'favouriteColour'],
    ['an unknown field within', { ...patient, name: [{ text: 'Bai', nick: 'B' }] }, 'nick'],
    ['a day that does not exist', { ...patient, birthDate: '1980-02-31' }, 'birthDate'],
    ['a date that is none', { ...patient, birthDate: "1980'; DROP TABLE resource" }, 'birthDate'],
    ['a code that is none', { ...patient, gender: 'robot' }, 'gender'],
  ];

  test('are refused with the place of the fault, and nothing is stored', async ({ request: plain }) => {
    const headers = { authorization: `Bearer ${createToken()}`, 'content-type': 'application/fhir+json' };
    for (const [what, resource, place] of bad) {
      const identifier = { system: 'urn:test:bad', value: randomUUID() };
      const answer = await plain.post(`${demo().http}/fhir/Patient`, {
        headers,
        data: { ...resource, identifier: [identifier] },
      });
      expect([400, 422], what).toContain(answer.status());
      const outcome = (await answer.json()) as { resourceType: string; issue: { severity: string }[] };
      expect(outcome.resourceType, what).toBe('OperationOutcome');
      expect(JSON.stringify(outcome.issue), what).toContain(place);
      const found = await plain.get(`${demo().http}/fhir/Patient?identifier=${identifier.value}`, { headers });
      expect((await found.json()) as object, what).toMatchObject({ total: 0 });
    }
  });

  test('are refused when they are no JSON at all, or too deep', async ({ request: plain }) => {
    const headers = { authorization: `Bearer ${createToken()}`, 'content-type': 'application/fhir+json' };
    for (const data of ['{"resourceType":"Patient"', '[]', 'null', '', '['.repeat(100_000), '{"a":'.repeat(50_000)]) {
      const answer = await plain.post(`${demo().http}/fhir/Patient`, { headers, data: Buffer.from(data) });
      expect([400, 413, 422], data.slice(0, 20)).toContain(answer.status());
    }
  });
});

test.describe('an upload of 2 GiB', () => {
  let visit: Booked;
  let patient: Session;

  test.beforeEach(async () => {
    visit = await book('Bai Wu');
    patient = await confirm(await request.newContext(), visit);
  });

  test('is refused when it says so', async () => {
    const said = { ...announcement(redPng), size: 2 * GIB };
    const key = { 'idempotency-key': randomUUID() };
    const answer = await patient.send('POST', `/api/visits/${visit.visitId}/uploads`, said, key);
    expect([answer.status(), await codeIn(answer)]).toEqual([413, 'upload.too-large']);
    expect(await photosOf(visit)).toBe(0);
  });

  test('is refused when it does not say so, and the upload goes on as if nothing had come', async () => {
    const before = sizeOfBlobs();
    const upload = await beginUpload(patient, visit);
    const at = `/api/visits/${visit.visitId}/uploads/${upload}`;
    const headers = await rawHeaders(patient);
    expect(await patchRaw(at, { ...headers, 'content-length': String(2 * GIB) }, 0)).toBe(413);
    const unsaid = { ...headers, 'transfer-encoding': 'chunked' };
    expect(await patchRaw(at, unsaid, LARGEST_PIECE + 1)).toBe(413);
    // Whoever goes on all the same finds the line closed.
    expect([413, CLOSED]).toContain(await patchRaw(at, unsaid, 2 * GIB));
    // More than was announced, though not too much.
    const longer = await patient.send('PATCH', at, Buffer.alloc(redPng.length + 1), octets);
    expect(longer.status()).toBeGreaterThanOrEqual(400);
    expect(longer.status()).toBeLessThan(500);
    expect((await patient.send('HEAD', at)).headers()['upload-offset']).toBe('0');
    expect(await photosOf(visit)).toBe(0);
    expect(sizeOfBlobs() - before).toBeLessThan(64 * 1024);
    await patient.ask('PATCH', at, redPng, octets);
    expect(await photosOf(visit)).toBe(1);
  });

  test('that is another file than was announced is not kept', async () => {
    const upload = await beginUpload(patient, visit);
    const at = `/api/visits/${visit.visitId}/uploads/${upload}`;
    const other = Buffer.from(redPng);
    other[other.length - 20]! ^= 1;
    expect(await codeIn(await patient.send('PATCH', at, other, octets))).toBe('upload.hash');
    expect(await photosOf(visit)).toBe(0);
  });
});

const octets = { 'upload-offset': '0', 'content-type': 'application/octet-stream' };

function book(name: string): Promise<Booked> {
  return walkIn(clinician, { name, birth_date: '1982-05-06', phone: '13700000061' });
}

async function codeOf(requests: APIRequestContext, method: string, at: string, data?: unknown): Promise<[number, string]> {
  const answer = await requests.fetch(demo().http + at, { method, ...(data !== undefined && { data }) });
  return [answer.status(), await codeIn(answer)];
}

async function codeIn(answer: { json(): Promise<unknown> }): Promise<string> {
  return ((await answer.json()) as { error: { code: string } }).error.code;
}

function confirmCode(requests: APIRequestContext, visit: Booked, proof: object = { birth_date: visit.birthDate }) {
  const body = { token: tokenOf(visit.link), ...proof };
  return codeOf(requests, 'POST', `/api/visits/${visit.visitId}/confirm`, body);
}

async function comeInAsConsultant(requests: APIRequestContext, visit: Booked, url: string): Promise<string> {
  const answer = await requests.post(`${demo().http}/api/visits/${visit.visitId}/confirm`, {
    data: { token: tokenOf(url), name: 'Dr Asked', registration: 'CONS-1' },
  });
  return ((await answer.json()) as { csrf: string }).csrf;
}

/** Says malformed things on the visit's socket, each answered before the next; what was said with its answer. */
async function sendMalformed(page: Page, visit: Booked, csrf: string): Promise<[what: string, answer: string][]> {
  await page.goto(`${demo().http}/healthz`);
  return page.evaluate(
    async ({ visitId, csrf }) => {
      const socket = new WebSocket(`ws://${location.host}/api/visits/${visitId}/socket?as=visit&csrf=${csrf}`);
      let hear: (said: { t: string; state?: string; code?: string }) => void = () => undefined;
      socket.onmessage = ({ data }) => hear(JSON.parse(String(data)) as { t: string });
      const answer = (to?: string): Promise<string> =>
        new Promise((resolve) => {
          const late = setTimeout(() => resolve('no answer'), 5_000);
          socket.onclose = () => resolve('closed');
          hear = ({ t, state, code }) => {
            const fits = to === undefined ? t === 'hello' : t === 'error' || (t === 'call.state' && state !== undefined);
            if (!fits) return;
            clearTimeout(late);
            resolve(t === 'error' ? `error:${code}` : `${t}:${state}`);
          };
          if (to !== undefined) socket.send(to);
        });
      await answer();
      const offer = await new RTCPeerConnection().createOffer({ offerToReceiveAudio: true, offerToReceiveVideo: true });
      const real = offer.sdp!;
      const join = (sdp: unknown): string => JSON.stringify({ t: 'call.join', sdp, sources: {} });
      const said: [string, string][] = [
        ['an answer to nothing', JSON.stringify({ t: 'call.answer', sdp: real })],
        ['nothing', join('')],
        ['a number', join(7)],
        ['only a version', join('v=0\r\n')],
        ['noise', join('\u0000\u0001�'.repeat(1_000))],
        ['a long line', join(`v=0\r\na=${'x'.repeat(200_000)}\r\n`)],
        ['many lines', join(`v=0\r\n${'m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n'.repeat(5_000)}`)],
        ['half an offer', join(real.slice(0, real.length / 2))],
        ['an offer without fingerprint', join(real.replace(/a=fingerprint.*\r\n/g, ''))],
        ['an offer without ICE', join(real.replace(/a=ice-(ufrag|pwd).*\r\n/g, ''))],
        ['a bad fingerprint', join(real.replace(/a=fingerprint.*/g, 'a=fingerprint:sha-256 ZZ'))],
        ['a payload type that is none', join(real.replace(/a=rtpmap:\d+/g, 'a=rtpmap:99999'))],
        ['no JSON', '{"t":"call.join"'],
        ['an unknown kind', '{"t":"drop-table"}'],
      ];
      const answers: [string, string][] = [];
      for (const [what, text] of said) answers.push([what, await answer(text)]);
      socket.close();
      return answers;
    },
    { visitId: visit.visitId, csrf },
  );
}

async function photosOf(visit: Booked): Promise<number> {
  const { photos } = await clinician.ask<{ photos: unknown[] }>('GET', `/api/visits/${visit.visitId}/photos`);
  return photos.length;
}

function sizeOfBlobs(): number {
  const folder = path.join(demo().data!, 'blobs');
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.reduce((sum, name) => sum + (fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}

async function rawHeaders(session: Session): Promise<Record<string, string>> {
  const { cookies } = await session.request.storageState();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  return { cookie, 'x-bianque-as': 'visit', 'x-csrf-token': session.csrf, ...octets };
}

/** Sends as much of a body as the server takes, up to `bytes`; the status of its answer, or that it closed the line. */
function patchRaw(at: string, headers: Record<string, string>, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = http.request(demo().http + at, { method: 'PATCH', headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
      sent.destroy();
    });
    sent.on('error', ({ code }: NodeJS.ErrnoException) =>
      code === 'EPIPE' || code === 'ECONNRESET' ? resolve(CLOSED) : reject(new Error(code)),
    );
    sent.flushHeaders();
    const piece = Buffer.alloc(256 * 1024);
    let left = bytes;
    const push = (): void => {
      while (left > 0 && !sent.destroyed) {
        const part = piece.subarray(0, Math.min(left, piece.length));
        left -= part.length;
        if (!sent.write(part)) return void sent.once('drain', push);
      }
      if (bytes > 0) sent.end();
    };
    push();
  });
}
