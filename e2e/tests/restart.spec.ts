import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, type Page } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { openVisit } from '../harness/clinician.ts';
import { arrive, become, letIn, someClinician, walkIn } from '../harness/clinic.ts';
import { expectSeesAndHears } from '../harness/media.ts';
import { test, type Person } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';
import { startOwn, stop } from '../harness/start-demo.ts';

const network = (page: Page) => page.locator('.call-network').first();

/** A server of this test's own, which is put where the tests look for theirs. */
async function ownServer(flags: string[]) {
  const shared = process.env.BIANQUE_READY!;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bianque-restart-'));
  const data = ['--data', path.join(folder, 'data'), ...flags];
  let { server, ready } = await startOwn([...data, '--http', '127.0.0.1:0', '--media', '127.0.0.1:0']);
  process.env.BIANQUE_READY = JSON.stringify(ready);
  const same = [...data, '--http', new URL(ready.http).host, '--media', ready.media!];
  return {
    kill: async () => {
      const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
      server.kill('SIGKILL');
      await ended;
    },
    tellToStop: () => void server.kill('SIGTERM'),
    ended: () => server.exitCode !== null || server.signalCode !== null,
    startAgain: async () => {
      ({ server, ready } = await startOwn(same));
    },
    close: async () => {
      await stop(server);
      process.env.BIANQUE_READY = shared;
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A patient and a clinician who see and hear each other. */
async function inCall(patient: Person, clinician: Person): Promise<void> {
  const treating = await someClinician();
  const session = await become(treating, clinician.context);
  const visit = await walkIn(session, { name: 'Shen Yue', birth_date: '1979-02-11', phone: '13700000123' });
  await arrive(patient.context.request, visit);
  await patient.page.goto(`${demo().http}/v/${visit.visitId}`);
  await clinician.page.goto(`${demo().http}/work`);
  await openVisit(clinician.page, visit.visitId);
  await letIn(session, visit);
  await Promise.all([expectSeesAndHears(patient.page), expectSeesAndHears(clinician.page)]);
}

/** Connections that a page has made so far. */
const connections = (page: Page) => page.evaluate(() => window.bianquePeers?.length ?? 0);

/** The moment in which there are pictures and sound over a connection that is newer than those. */
function seesAndHearsBy(page: Page, than: number): Promise<number> {
  return page.evaluate(async (from) => {
    for (;;) {
      for (const peer of (window.bianquePeers ?? []).slice(from)) {
        let [frames, energy] = [0, 0];
        (await peer.getStats()).forEach((entry) => {
          if (entry.type !== 'inbound-rtp') return;
          frames += entry.framesDecoded ?? 0;
          energy += entry.totalAudioEnergy ?? 0;
        });
        if (frames > 1 && energy > 0) return Date.now();
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }, than);
}

test('a call comes back by itself when the server was killed', async ({ people }) => {
  test.setTimeout(180_000);
  const server = await ownServer([]);
  try {
    const clinician = await people.atDesk('clinician');
    const patient = await people.withPhone('patient');
    await inCall(patient, clinician);
    const [starts, times]: [number[], number[]] = [[], []];
    const pages = [patient.page, clinician.page];
    for (let round = 0; round < 3; round += 1) {
      const before = await Promise.all(pages.map(connections));
      await server.kill();
      const killed = Date.now();
      await server.startAgain();
      starts.push(Date.now() - killed);
      const back = await Promise.all(pages.map((page, index) => seesAndHearsBy(page, before[index]!)));
      times.push(Math.max(...back) - killed);
      await Promise.all(pages.map((page) => expectSeesAndHears(page)));
    }
    console.log(JSON.stringify({ start_ms: starts, rejoin_after_kill_ms: times }));
    expect(times.sort((a, b) => a - b)[1]).toBeLessThan(5_000);
  } finally {
    await server.close();
  }
});

test('a server that is to stop says so, and the call comes back with it', async ({ people }) => {
  test.setTimeout(120_000);
  const server = await ownServer(['--drain-seconds', '8']);
  try {
    const clinician = await people.atDesk('clinician');
    const patient = await people.withPhone('patient', 'zh-CN');
    await inCall(patient, clinician);
    server.tellToStop();
    const told = Date.now();
    await expect(clinician.page.getByText('The server will be restarted in a moment. The call comes back by itself.')).toBeVisible();
    await expect(patient.page.getByText('服务器即将重新启动，通话会自动恢复。')).toBeVisible();
    await expectSeesAndHears(patient.page, 6_000);
    await keep(patient.page, 'restart-soon-zh');
    await expect.poll(() => server.ended(), { timeout: 12_000 }).toBe(true);
    expect(Date.now() - told).toBeGreaterThan(7_900);
    await expect(network(clinician.page)).toHaveText('The server is being restarted. The call comes back by itself.');
    await expect(network(patient.page)).toHaveText('服务器正在重新启动，通话会自动恢复。');
    await expectAccessible(patient.page);
    await keep(patient.page, 'restarting-zh');
    await keep(clinician.page, 'restarting');
    await server.startAgain();
    const begun = Date.now();
    await Promise.all([patient, clinician].map(({ page }) => expectSeesAndHears(page, 20_000)));
    console.log(JSON.stringify({ rejoin_after_restart_ms: Date.now() - begun }));
  } finally {
    await server.close();
  }
});

test('a server without room for the call says so, and the patient can still write', async ({ people }) => {
  test.setTimeout(120_000);
  const server = await ownServer(['--media-rooms', '1']);
  try {
    const clinician = await people.atDesk('clinician');
    const patient = await people.withPhone('patient');
    await inCall(patient, clinician);
    const second = await people.withPhone('second patient');
    const session = await become(await someClinician(), clinician.context);
    const visit = await walkIn(session, { name: 'Wu Fang', birth_date: '1990-01-02', phone: '13700000124' });
    await arrive(second.context.request, visit);
    await second.page.goto(`${demo().http}/v/${visit.visitId}`);
    await letIn(session, visit);
    const words = network(second.page);
    await expect(words).toHaveText(/^(The server has no room for another call|Sound only: the server has no room)/, { timeout: 15_000 });
    await expectAccessible(second.page);
    await keep(second.page, 'busy');
    await expect(words).toHaveText(/^Sound only: the server has no room/, { timeout: 15_000 });
    await keep(second.page, 'busy-sound');
    // The call that is open is not concerned, and its end makes room.
    await expectSeesAndHears(patient.page);
    await patient.page.close();
    await clinician.page.close();
    await expect(words).toHaveText(/connection/, { timeout: 90_000 });
  } finally {
    await server.close();
  }
});

/** Keeps a picture of the screen where one is asked for. */
async function keep(page: Page, name: string): Promise<void> {
  const folder = process.env.BIANQUE_SCREENS;
  if (folder) await page.screenshot({ path: path.join(folder, `${name}.png`) });
}
