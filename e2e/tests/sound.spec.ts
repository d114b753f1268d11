import { expect, type Page } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { openPart, openVisit } from '../harness/clinician.ts';
import { arrive, become, letIn, someClinician, walkIn } from '../harness/clinic.ts';
import { eachSent } from '../harness/frames.ts';
import { expectSeesAndHears } from '../harness/media.ts';
import { test } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';
import { expectHears, humAt } from '../harness/tone.ts';
import { wireOf } from '../harness/wire.ts';

const SOUND_ONLY = 'Sound only: your network blocks or loses video. We keep trying.';
const [PATIENT, CLINICIAN] = [440, 1000];

/** The words about the network. */
const network = (page: Page) => page.locator('.call-network').first();

/** Bytes of Opus that a page sends by sound, and for how long. */
function watchSound(page: Page) {
  const sum = { payload: 0, frames: 0, since: 0, until: 0 };
  eachSent(page, (payload, path) => {
    if (!path.includes('/sound') || typeof payload === 'string') return;
    sum.since ||= Date.now();
    [sum.payload, sum.frames, sum.until] = [sum.payload + payload.length - 8, sum.frames + 1, Date.now()];
  });
  return { kbps: () => (sum.payload * 8) / Math.max(1, sum.until - sum.since), frames: () => sum.frames };
}

test('where the network passes no video there is sound, and video again as soon as it does', async ({ people }) => {
  test.setTimeout(180_000);
  const treating = await someClinician();
  const clinician = await people.atDesk('clinician');
  const patient = await people.withPhone('patient');
  await humAt(patient.context, PATIENT);
  await humAt(clinician.context, CLINICIAN);
  const wire = await wireOf(patient.context, demo().media!);
  const sound = watchSound(patient.page);
  const session = await become(treating, clinician.context);
  const visit = await walkIn(session, { name: 'Gao Lan', birth_date: '1984-03-09', phone: '13700000077' });
  const figures: Record<string, number> = {};
  const hear = async (within: number): Promise<void> => {
    await expectHears(patient.page, CLINICIAN, within);
    await expectHears(clinician.page, PATIENT, within);
  };

  await test.step('UDP does not pass: within ten seconds they hear each other by sound', async () => {
    wire.cut();
    await arrive(patient.context.request, visit);
    await patient.page.goto(`${demo().http}/v/${visit.visitId}`);
    await clinician.page.goto(`${demo().http}/work`);
    await openVisit(clinician.page, visit.visitId);
    await letIn(session, visit);
    await expect(network(patient.page)).toBeVisible();
    const begun = Date.now();
    await hear(20_000);
    figures.down_at_join_ms = Date.now() - begun;
    expect(figures.down_at_join_ms).toBeLessThan(10_000);
  });
  await test.step('both are told', async () => {
    await expect(network(patient.page)).toHaveText(SOUND_ONLY);
    await expect(clinician.page.getByText('Gao Lan has sound only: their network blocks or loses video')).toBeVisible();
    await expectAccessible(patient.page);
    await expectAccessible(clinician.page);
    await keep(patient.page, 'sound-patient');
    await keep(clinician.page, 'sound-clinician');
    figures.payload_kbps = Math.round(sound.kbps() * 10) / 10;
    expect(figures.payload_kbps).toBeGreaterThan(4);
    expect(figures.payload_kbps).toBeLessThan(30);
  });
  await test.step('UDP passes: the pictures come by themselves', async () => {
    wire.mend();
    const begun = Date.now();
    await expect(network(patient.page)).not.toHaveText(SOUND_ONLY, { timeout: 40_000 });
    await expectSeesAndHears(patient.page, 20_000);
    figures.up_ms = Date.now() - begun;
    await hear(10_000);
    const frames = sound.frames();
    await patient.page.waitForTimeout(1_000);
    expect(sound.frames()).toBe(frames);
  });
  await test.step('UDP is lost in the middle: sound within ten seconds', async () => {
    wire.cut();
    const begun = Date.now();
    await expect(network(patient.page)).toHaveText(SOUND_ONLY, { timeout: 20_000 });
    await hear(10_000);
    figures.down_in_call_ms = Date.now() - begun;
    expect(figures.down_in_call_ms).toBeLessThan(12_000);
  });
  await test.step('and back', async () => {
    wire.mend();
    const begun = Date.now();
    await expectSeesAndHears(patient.page, 40_000);
    figures.up_again_ms = Date.now() - begun;
    await hear(10_000);
  });
  await test.step('each step is kept with its cause', async () => {
    const quality = await clinician.page.request.get(`${demo().http}/api/visits/${visit.visitId}/quality`);
    const { steps, windows } = (await quality.json()) as {
      steps: { participant: string; from: string; to: string; cause: string }[];
      windows: { transport: string | null; connected: boolean }[];
    };
    const taken = steps.filter((step) => step.participant === 'patient').map(({ from, to, cause }) => `${from} ${to} ${cause}`);
    expect(taken).toEqual(['none sound not-connected', 'sound udp restored', 'udp sound lost', 'sound udp restored']);
    expect(windows.filter((window) => window.transport === 'sound').every((window) => window.connected)).toBe(true);
  });
  await test.step('the clinician reads them in the panel of quality', async () => {
    await openPart(clinician.page, 'Quality');
    const rows = clinician.page.getByRole('table', { name: 'How connections went down and up again' }).getByRole('row');
    await expect(rows.filter({ hasText: 'Sound only → Video' })).toHaveCount(2);
    await expect(rows.filter({ hasText: 'video did not connect in time' })).toHaveCount(1);
    await expectAccessible(clinician.page);
    await keep(clinician.page, 'sound-steps');
  });
  expect(patient.faults).toEqual([]);
  console.log(JSON.stringify(figures));
  wire.close();
});

test('a browser without codecs of its own has sound too', async ({ people }) => {
  test.setTimeout(120_000);
  const treating = await someClinician();
  const clinician = await people.atDesk('clinician');
  const patient = await people.withPhone('patient', 'zh-CN');
  await humAt(patient.context, PATIENT);
  await humAt(clinician.context, CLINICIAN);
  await patient.context.addInitScript(() => {
    for (const name of ['AudioEncoder', 'AudioDecoder']) Reflect.deleteProperty(window, name);
  });
  const wire = await wireOf(patient.context, demo().media!);
  wire.cut();
  const session = await become(treating, clinician.context);
  const visit = await walkIn(session, { name: 'Luo Min', birth_date: '1971-06-30', phone: '13700000078' });
  await arrive(patient.context.request, visit);
  await patient.page.goto(`${demo().http}/v/${visit.visitId}`);
  await clinician.page.goto(`${demo().http}/work`);
  await openVisit(clinician.page, visit.visitId);
  await letIn(session, visit);
  await expectHears(patient.page, CLINICIAN, 20_000);
  await expectHears(clinician.page, PATIENT, 5_000);
  await expect(network(patient.page)).toHaveText('目前只有声音：您的网络阻断或丢失了视频。我们会继续尝试。');
  await keep(patient.page, 'sound-patient-zh');
  expect(patient.faults).toEqual([]);
  wire.close();
});

/** Keeps a picture of the screen where one is asked for. */
async function keep(page: Page, name: string): Promise<void> {
  const folder = process.env.BIANQUE_SCREENS;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}
