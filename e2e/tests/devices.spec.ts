import { expect, type BrowserContext, type Page } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { openVisit } from '../harness/clinician.ts';
import { become, confirm, letIn, someClinician, stepsOf, walkIn, type Booked, type Session } from '../harness/clinic.ts';
import { expectSeesAndHears, received } from '../harness/media.ts';
import { test, type Person } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';

/** What a browser says of a device that does not open, by its standard. */
type Refusal = 'NotAllowedError' | 'NotFoundError' | 'NotReadableError';

let clinician: Session;

test.beforeAll(async () => {
  clinician = await become(await someClinician());
});

test('a camera that another program holds: the visit goes on with sound', async ({ people }) => {
  const patient = await people.withPhone('patient');
  const desk = await people.atDesk('clinician');
  await refuse(patient.context, 'camera', 'NotReadableError');
  await haveSmallWindows(patient.context);
  const visit = await bookAndOpen(patient, 'Cao Ren');
  await expect(card(patient.page, 'Camera')).toContainText('In use elsewhere');
  await expect(card(patient.page, 'Camera')).toContainText('Another program is using the camera.');
  await expect(card(patient.page, 'Microphone')).not.toContainText('In use elsewhere');
  await expectAccessible(patient.page);
  await goOn(patient, visit, 'Go on without camera');
  await expectCheck(visit, { camera: 'busy', microphone: 'ok' });
  await call(patient, desk, visit);
  await expect(patient.page.getByText('Camera in use elsewhere')).toBeVisible();
  await expectSeesAndHears(patient.page);
  await expectHears(desk.page);
  await expect(desk.page.getByText('Cao Ren joins without a camera')).toBeVisible();
  await test.step('the other’s picture goes into a small window and comes back, by the button and when the page is left', async () => {
    const small = patient.page.getByRole('button', { name: /^Show the picture of .* in a small window$/ });
    const back = patient.page.getByRole('button', { name: /^Bring the picture of .* back into the page$/ });
    await small.click();
    await back.click();
    await expect(small).toBeVisible();
    await patient.page.evaluate(() => window.bianqueLookAway?.());
    await expect(back).toBeVisible();
  });
  await test.step('it is let go of, and pressing its button brings the picture', async () => {
    await patient.page.evaluate(() => (window.bianqueRefused = []));
    await patient.page.getByRole('button', { name: /^Camera/ }).click();
    await expectSeesAndHears(desk.page);
  });
});

test('everything refused: the patient sees, hears and types', async ({ people }) => {
  const patient = await people.withPhone('patient');
  const desk = await people.atDesk('clinician');
  await refuse(patient.context, 'camera', 'NotAllowedError');
  await refuse(patient.context, 'microphone', 'NotAllowedError');
  const visit = await bookAndOpen(patient, 'Cao Pi');
  for (const device of ['Camera', 'Microphone']) {
    await expect(card(patient.page, device)).toContainText('Not allowed');
    await expect(card(patient.page, device)).toContainText(`Set ${device} to “Allow”, then try again here.`);
  }
  await expectAccessible(patient.page);
  await goOn(patient, visit, 'Go on without camera and microphone');
  await expectCheck(visit, { camera: 'denied', microphone: 'denied' });
  await call(patient, desk, visit);
  await expectSeesAndHears(patient.page);
  await patient.page.getByRole('button', { name: 'Messages', exact: true }).click();
  await patient.page.getByRole('textbox', { name: 'Message' }).fill('I can see you but you cannot hear me');
  await patient.page.getByRole('button', { name: 'Send', exact: true }).click();
  await desk.page.getByRole('tab', { name: /^Chat/ }).click();
  await expect(desk.page.getByText('I can see you but you cannot hear me')).toBeVisible();
  expect((await received(desk.page)).framesDecoded).toBe(0);
});

test('no camera at either side: they hear each other', async ({ people }) => {
  const patient = await people.withPhone('patient');
  const desk = await people.atDesk('clinician');
  for (const { context } of [patient, desk]) await refuse(context, 'camera', 'NotFoundError');
  const visit = await bookAndOpen(patient, 'Cao Zhi');
  await expect(card(patient.page, 'Camera')).toContainText('Not found');
  await expect(card(patient.page, 'Camera')).toContainText('the clinician hears you and you can send photos');
  await goOn(patient, visit, 'Go on without camera');
  await expectCheck(visit, { camera: 'missing', microphone: 'ok' });
  await call(patient, desk, visit);
  await expectHears(patient.page);
  await expectHears(desk.page);
  await expectAccessible(patient.page);
});

declare global {
  interface Window {
    bianqueRefused?: { kind: 'video' | 'audio'; name: string }[];
    bianqueLookAway?: () => void;
  }
}

/** From now on pages of this context are refused a device, as the browser would. */
async function refuse(context: BrowserContext, device: 'camera' | 'microphone', name: Refusal): Promise<void> {
  await context.addInitScript(
    ({ kind, name }) => {
      (window.bianqueRefused ??= []).push({ kind, name });
      if (window.bianqueRefused.length > 1) return;
      const { mediaDevices } = navigator;
      const open = mediaDevices.getUserMedia.bind(mediaDevices);
      mediaDevices.getUserMedia = (wanted = {}) => {
        const refused = window.bianqueRefused?.find(({ kind }) => wanted[kind]);
        return refused ? Promise.reject(new DOMException('refused by the test', refused.name)) : open(wanted);
      };
    },
    { kind: device === 'camera' ? ('video' as const) : ('audio' as const), name },
  );
}

/** A browser without a screen has no small windows; this one says that it has. */
async function haveSmallWindows(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    let inside: HTMLVideoElement | null = null;
    Object.defineProperty(document, 'pictureInPictureEnabled', { get: () => true });
    Object.defineProperty(document, 'pictureInPictureElement', { get: () => inside });
    HTMLVideoElement.prototype.requestPictureInPicture = function () {
      inside = this;
      this.dispatchEvent(new Event('enterpictureinpicture'));
      return Promise.resolve({} as PictureInPictureWindow);
    };
    document.exitPictureInPicture = () => {
      inside?.dispatchEvent(new Event('leavepictureinpicture'));
      inside = null;
      return Promise.resolve();
    };
    navigator.mediaSession.setActionHandler = (action: string, handler: unknown) => {
      if (action === 'enterpictureinpicture') window.bianqueLookAway = (handler as (() => void) | null) ?? (() => undefined);
    };
  });
}

async function bookAndOpen(patient: Person, name: string): Promise<Booked> {
  const visit = await walkIn(clinician, { name, birth_date: '1987-06-05', phone: '13700000051' });
  await confirm(patient.context.request, visit);
  await patient.page.goto(`${demo().http}/v/${visit.visitId}`);
  await expect(patient.page.getByRole('heading', { level: 1, name: 'Check your camera and sound' })).toBeVisible();
  return visit;
}

function card(page: Page, title: string) {
  return page.locator('section').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
}

/** Presses the one button, whose words say with what; the rest of the way in has no devices. */
async function goOn(patient: Person, visit: Booked, words: string): Promise<void> {
  await patient.page.getByRole('button', { name: words, exact: true }).click();
  await expect(patient.page.getByRole('heading', { level: 1, name: 'Agree to a video visit' })).toBeVisible();
  const steps = stepsOf(await confirm(patient.context.request, visit), visit);
  await steps.consent();
  await steps.answer();
  await steps.goIn();
  await expect(patient.page.getByRole('heading', { level: 1, name: 'Waiting room' })).toBeVisible();
}

async function expectCheck(visit: Booked, check: { camera: string; microphone: string }): Promise<void> {
  const answer = await clinician.ask<{ visit: { device_check: unknown } }>('GET', `/api/visits/${visit.visitId}`);
  expect(answer.visit.device_check).toMatchObject(check);
}

async function call(patient: Person, desk: Person, visit: Booked): Promise<void> {
  await become(await someClinician(), desk.context);
  await desk.page.goto(`${demo().http}/work`);
  await openVisit(desk.page, visit.visitId);
  await letIn(clinician, visit);
  await expect(patient.page.getByRole('button', { name: 'Leave', exact: true })).toBeVisible();
}

async function expectHears(page: Page): Promise<void> {
  const before = await received(page);
  await expect.poll(async () => (await received(page)).audioEnergy, { timeout: 15_000 }).toBeGreaterThan(before.audioEnergy);
}
