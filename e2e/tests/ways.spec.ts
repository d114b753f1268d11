import { expect } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { openPart, openVisit } from '../harness/clinician.ts';
import { become, confirm, someClinician, walkIn, type Booked, type Session } from '../harness/clinic.ts';
import { test, type Person } from '../harness/people.ts';
import { picture } from '../harness/pictures.ts';
import { demo } from '../harness/ready.ts';

interface Way {
  rung: string;
  passes: boolean;
  rtt_ms: number | null;
  loss: number | null;
  up_mbps: number | null;
}

let clinician: Session;

test.beforeAll(async () => {
  clinician = await become(await someClinician());
});

test('every way to the call is tried, and what was found is there for the clinician', async ({ people }) => {
  const patient = await people.withPhone('patient');
  const visit = await onTheDevicePage(patient, 'Gan Ning');
  const { page } = patient;
  await expect(page.getByText('Your connection is good enough for video.')).toBeVisible({ timeout: 40_000 });
  await page.getByText('What was tried').click();
  for (const name of ['Video, directly', 'Video over TCP', 'Video by relay', 'Sound alone']) {
    await expect(page.getByRole('listitem').filter({ hasText: name })).toContainText('ms there and back');
  }
  await expectAccessible(page);
  await picture(page, 'ways-tried');
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Agree to a video visit' })).toBeVisible();
  const ways = await waysOf(visit);
  expect(ways.map(({ rung, passes }) => [rung, passes])).toEqual([
    ['udp', true],
    ['tcp', true],
    ['relay', true],
    ['sound', true],
  ]);
  // The picture went over the best of them, and came back.
  expect(ways[0]?.up_mbps).toBeGreaterThan(0.1);
  expect(ways[0]?.loss).toBeLessThan(0.1);
  expect(ways[1]?.up_mbps).toBeNull();
  const desk = await people.atDesk('clinician');
  await become(await someClinician(), desk.context);
  await desk.page.goto(`${demo().http}/work`);
  await openVisit(desk.page, visit.visitId);
  await openPart(desk.page, 'Intake');
  await expect(desk.page.getByText('Video by relay: passes')).toBeVisible();
  await expectAccessible(desk.page);
});

test('a network that lets only HTTPS through is told from one that is slow', async ({ people }) => {
  const patient = await people.withPhone('patient');
  // No WebRTC comes about; sockets and requests do.
  await patient.context.addInitScript(() => {
    const Original = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Original {
      override setRemoteDescription(): Promise<void> {
        return Promise.resolve();
      }
    };
  });
  const visit = await onTheDevicePage(patient, 'Lu Su');
  await expect(patient.page.getByText('This network lets no pictures through.')).toBeVisible({ timeout: 40_000 });
  await patient.page.getByRole('button', { name: 'Continue', exact: true }).click();
  await expect(patient.page.getByRole('heading', { level: 1, name: 'Agree to a video visit' })).toBeVisible();
  expect((await waysOf(visit)).map(({ passes }) => passes)).toEqual([false, false, false, true]);
});

test('refused inside WeChat: the way to the phone’s own browser is shown', async ({ people }) => {
  const patient = await people.withPhone('patient', 'zh-CN');
  await patient.context.addInitScript(() => {
    Object.defineProperty(navigator, 'userAgent', {
      get: () => 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.49',
    });
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('refused by the test', 'NotAllowedError'));
  });
  await onTheDevicePage(patient, '刘洋');
  await expect(patient.page.getByText('您是在微信里打开这个页面的')).toBeVisible();
  await expect(patient.page.getByText('选择“在浏览器中打开”').first()).toBeVisible();
  await expect(patient.page.getByText('将“摄像头”设为“允许”')).toBeVisible();
  await expectAccessible(patient.page);
  await picture(patient.page, 'inside-wechat');
});

async function onTheDevicePage(patient: Person, name: string): Promise<Booked> {
  const visit = await walkIn(clinician, { name, birth_date: '1987-06-05', phone: '13700000061' });
  await confirm(patient.context.request, visit);
  await patient.page.goto(`${demo().http}/v/${visit.visitId}/device`);
  await expect(patient.page.getByRole('heading', { level: 1 })).toBeVisible();
  return visit;
}

async function waysOf(visit: Booked): Promise<Way[]> {
  const answer = await clinician.ask<{ visit: { device_check: { ways: Way[] } } }>('GET', `/api/visits/${visit.visitId}`);
  return answer.visit.device_check.ways;
}
