import { expect, type Page } from '@playwright/test';
import { standBetween } from '../harness/between.ts';
import { twoMeet } from '../harness/call.ts';
import { openPart } from '../harness/clinician.ts';
import { arrive, become, letIn, someClinician, walkIn, type Booked, type Session } from '../harness/clinic.ts';
import { endAndSign } from '../harness/filled.ts';
import { test, type Language } from '../harness/people.ts';
import { appear, look, open } from '../harness/screens.ts';

// What a call looks like when it is not as it should be, and what it leaves behind.
test.describe.configure({ timeout: 300_000 });

const LANGUAGES = ['en', 'zh-CN'] as const;
const LOOKS = (['light', 'dark'] as const).flatMap((theme) => [1280, 390].map((width) => ({ theme, width })));

test('the menu of data use, a picture that is paused, and what is said of a restart, as the patient sees them', async ({ people }) => {
  const { patient, visit } = await twoMeet(people, { prepare: (context) => context.addInitScript(() => localStorage.setItem('bianque.data-use', 'saver')) });
  const { page } = patient;
  const between = await standBetween(page);
  for (const language of LANGUAGES) {
    await open(page, `/v/${visit.visitId}/call`, language);
    await expect(page.locator('.tile video[data-shown]').first()).toBeVisible({ timeout: 30_000 });
    await lookAt(page, 'patient-call-saver', language);

    await test.step('the menu', async () => {
      await page.getByRole('button', { name: { en: 'More', 'zh-CN': '更多' }[language], exact: true }).click();
      const dialog = page.getByRole('dialog');
      await expect(dialog).toBeVisible();
      for (const as of LOOKS) {
        // What is open stays where it opened: it is opened at each size.
        await lookAt(page, 'patient-call-more', language, [as]);
        await dialog.getByRole('button', { name: { en: 'Data use', 'zh-CN': '流量使用' }[language] }).click();
        await expect(page.getByRole('option')).toHaveCount(3);
        await lookAt(page, 'patient-call-data-use', language, [as]);
        await page.keyboard.press('Escape');
        await expect(page.getByRole('option')).toHaveCount(0);
      }
      await page.keyboard.press('Escape');
      await expect(dialog).toBeHidden();
    });
    await test.step('a picture that is paused', async () => {
      between.say({ t: 'call.paused', mids: between.pictures() });
      await expect(page.locator('.tile-frozen').first()).toBeVisible();
      await lookAt(page, 'patient-call-paused', language);
      between.say({ t: 'call.paused', mids: [] });
      await expect(page.locator('.tile-frozen')).toHaveCount(0);
    });
    await test.step('a server that will be restarted, and is', async () => {
      between.say({ t: 'call.restart', within_s: 8 });
      await expect(page.locator('.call-network[data-soon]')).toBeVisible();
      await lookAt(page, 'patient-call-restart-soon', language);
      between.answerJoins({ t: 'call.state', state: 'rejected', code: 'call.restarting', message: 'restarting' });
      between.say({ t: 'call.state', state: 'disconnected', code: 'restarting', message: 'restarting' });
      await expect(page.locator('.call-network[data-network=restarting]')).toBeVisible();
      await lookAt(page, 'patient-call-restarting', language);
      between.answerJoins(null);
    });
  }
});

test('a server that has no room for the call, with sound and without', async ({ people }) => {
  const { page, context } = await people.withPhone('patient');
  const session = await become(await someClinician());
  const visit = await walkIn(session, { name: 'Tong Er', birth_date: '1968-04-10', phone: '13700000181' });
  await arrive(context.request, visit);
  await letIn(session, visit);
  const between = await standBetween(page);
  between.answerJoins({ t: 'call.state', state: 'rejected', code: 'call.busy', message: 'busy' });
  for (const language of LANGUAGES) {
    await open(page, `/v/${visit.visitId}/call`, language);
    await expect(page.locator('.call-network[data-network=busy-sound]')).toBeVisible({ timeout: 20_000 });
    await lookAt(page, 'patient-call-busy-sound', language);
  }
  // Neither does sound come through.
  await page.routeWebSocket(/\/api\/visits\/[^/]+\/sound/, (socket) => void socket.close());
  for (const language of LANGUAGES) {
    await open(page, `/v/${visit.visitId}/call`, language);
    await expect(page.locator('.call-network[data-network=busy]')).toBeVisible({ timeout: 20_000 });
    await lookAt(page, 'patient-call-busy', language);
  }
});

test('a voice message in the chat, and a recording in the record, as they are played', async ({ people }) => {
  const patient = await people.withPhone('patient');
  const clinician = await people.atDesk('clinician');
  const session = await become(await someClinician(), clinician.context);
  const visit = await walkIn(session, { name: 'Tong San', birth_date: '1968-04-11', phone: '13700000182' });
  await arrive(patient.context.request, visit);
  await open(patient.page, `/v/${visit.visitId}`, 'en');
  await sayMessage(patient.page);
  for (const language of LANGUAGES) {
    await open(clinician.page, `/work/visits/${visit.visitId}`, language);
    await openPart(clinician.page, { en: 'Chat', 'zh-CN': '聊天' }[language]);
    for (const as of LOOKS) {
      await appear(clinician.page, as);
      await inTheMiddle(clinician.page, '.chat-message .clip');
      await lookAt(clinician.page, 'clinician-clip', language, [as]);
    }
  }
  await endAndSign(session, visit);
  await recorded(clinician.page, session, visit);
  for (const language of LANGUAGES) {
    await open(clinician.page, `/work/visits/${visit.visitId}?part=recordings`, language);
    for (const as of LOOKS) {
      await appear(clinician.page, as);
      await inTheMiddle(clinician.page, '.recording-player .clip');
      await lookAt(clinician.page, 'clinician-recording', language, [as]);
    }
  }
});

async function sayMessage(page: Page): Promise<void> {
  await page.locator('details summary').click();
  await page.getByRole('button', { name: 'Say a message' }).click();
  const dialog = page.getByRole('dialog', { name: 'Voice message' });
  await expect(dialog.getByText('Recording. Speak now.')).toBeVisible();
  await page.waitForTimeout(2_500);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await dialog.getByRole('button', { name: 'Send' }).click();
  await expect(dialog).toBeHidden();
}

/** Puts a bar to its middle. */
async function inTheMiddle(page: Page, bar: string): Promise<void> {
  const place = page.locator(bar).first().getByRole('slider');
  await expect(place).toBeVisible();
  await place.fill(String(Math.round(Number(await place.getAttribute('max')) / 2 / 500) * 500));
}

/** Has the page told of a recording of two people. */
async function recorded(page: Page, session: Session, visit: Booked): Promise<void> {
  const at = `/api/visits/${visit.visitId}/recordings`;
  const { text } = await session.ask<{ text: object }>('GET', at);
  const file = (participant: string, name: string, role: string, length_ms: number) => ({
    participant, name, role, shows: 'person', pictures: role === 'patient', size: 1_200_000, length_ms, url: `${at}/one/files/${participant}`,
  });
  const answered = (participant: string, name: string, role: string) => ({ participant, name, role, agreed: true, by: 'self', at: '2026-01-05T08:00:05.000Z' });
  const recording = {
    id: 'one',
    state: 'ready',
    asked_at: '2026-01-05T08:00:00.000Z',
    asked_by: { id: 'clinician', name: 'Dr Zhao' },
    spans: [{ from: '2026-01-05T08:00:06.000Z', to: '2026-01-05T08:03:10.000Z' }],
    answers: [answered('patient', 'Tong San', 'patient'), answered('clinician', 'Dr Zhao', 'clinician')],
    ended: { at: '2026-01-05T08:03:10.000Z', why: 'stopped', by: 'clinician' },
    files: [file('patient', 'Tong San', 'patient', 184_000), file('clinician', 'Dr Zhao', 'clinician', 184_000)],
  };
  await page.route(`**${at}*`, (route) => route.fulfill({ json: { text, recordings: [recording] } }));
  // Still on their way while it is looked at.
  await page.route(`**${at}/one/files/*`, () => Promise.resolve());
}

async function lookAt(page: Page, name: string, language: Language, looks = LOOKS): Promise<void> {
  expect.soft(await look(page, name, language, looks), `${name} ${language}`).toEqual([]);
}
