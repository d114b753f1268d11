import { expect, test, type Page } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { asAdministrator, typePassword } from '../harness/account.ts';
import { desk } from '../harness/browser.ts';
import { demoPeople } from '../harness/clinic.ts';
import { CLIENT, startHospital, type Hospital } from '../harness/hospital.ts';
import { demo, demoPassword } from '../harness/ready.ts';

/** Where providers send people back to: the demo's own address, not its alias. */
const home = (): string => demo().http;
let hospital: Hospital;

test.beforeAll(async () => {
  hospital = await startHospital(Number(process.env.BIANQUE_HOSPITAL_PORT), home());
});
test.afterAll(async () => {
  await hospital.stop();
});

test.describe.serial('a hospital’s identity provider', () => {
  test('is written down, tested, and gives its doctors an account', async ({ browser }) => {
    const office = await (await browser.newContext(desk)).newPage();
    await asAdministrator(office);
    await writeDown(office);
    await office.getByRole('button', { name: 'Test the connection' }).click();
    await expect(office.getByText(/The provider answers and publishes \d+ keys?\./)).toBeVisible();
    await expectAccessible(office);
    await hospital.tells(await office.getByRole('textbox', { name: 'Back-channel logout address' }).inputValue());

    const page = await (await browser.newContext(desk)).newPage();
    await page.goto(`${home()}/sign-in?next=/account`);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Sign in with Riverside account' }).click();
    await atHospital(page, 'chen.yu');
    await expect(page).toHaveURL(`${home()}/account`);
    await expect(page.getByText('Dr. chen.yu').first()).toBeVisible();
    await expect(page.getByText('Riverside account', { exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'Sign out', exact: true }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Sign out here only' }).click();
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    // Who left only here is still in there, and comes back without being asked.
    await page.goto(`${home()}/sign-in?next=/account`);
    await page.getByRole('button', { name: 'Sign in with Riverside account' }).click();
    await expect(page).toHaveURL(`${home()}/account`);
    await page.context().close();
    await office.context().close();
  });

  test('is left together with this server, and asks again who comes next', async ({ browser }) => {
    const page = await (await browser.newContext(desk)).newPage();
    await page.goto(`${home()}/sign-in?next=/account`);
    await page.getByRole('button', { name: 'Sign in with Riverside account' }).click();
    await atHospital(page, 'chen.yu');
    await expect(page).toHaveURL(`${home()}/account`);
    await page.getByRole('button', { name: 'Sign out', exact: true }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Sign out' });
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Sign out here and at Riverside account' }).click();
    await page.getByRole('button', { name: 'Yes, sign me out' }).click();
    await expect(page.getByText('You are signed out here and at your hospital.')).toBeVisible();
    await expectAccessible(page);
    await page.reload();
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    await expect(page.getByText('You are signed out here and at your hospital.')).toHaveCount(0);
    await page.getByRole('button', { name: 'Sign in with Riverside account' }).click();
    await expect(page.getByPlaceholder('Enter any login')).toBeVisible();
    await page.context().close();
  });

  test('ends what is open here when somebody signs out there, sockets too', async ({ browser }) => {
    const context = await browser.newContext(desk);
    const page = await context.newPage();
    const sockets: Promise<void>[] = [];
    const told: string[] = [];
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => told.push(String(payload)));
      sockets.push(new Promise((resolve) => socket.on('close', () => resolve())));
    });
    await page.goto(`${home()}/sign-in?next=/work`);
    await page.getByRole('button', { name: 'Sign in with Riverside account' }).click();
    await atHospital(page, 'chen.yu');
    await expect.poll(() => told.length).toBeGreaterThan(0);
    const elsewhere = await (await browser.newContext(desk)).newPage();
    await elsewhere.goto(`${home()}/sign-in?next=/account`);
    await elsewhere.getByRole('button', { name: 'Sign in with Riverside account' }).click();
    await atHospital(elsewhere, 'chen.yu');
    await expect(elsewhere).toHaveURL(`${home()}/account`);

    const there = await context.newPage();
    await there.goto(`${hospital.issuer}/session/end`);
    await there.getByRole('button', { name: 'Yes, sign me out' }).click();
    await Promise.all(sockets);
    expect(JSON.parse(told.at(-1)!)).toEqual({ t: 'over', code: 'session.ended' });
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    // It was that session, and no other of theirs.
    await elsewhere.reload();
    await expect(elsewhere.getByText('Dr. chen.yu').first()).toBeVisible();
    await elsewhere.context().close();
    await context.close();
  });

  test('refuses who has lost the group, in words', async ({ browser }) => {
    hospital.groups = ['porters'];
    const page = await (await browser.newContext(desk)).newPage();
    await page.goto(`${home()}/sign-in`);
    await page.getByRole('button', { name: 'Sign in with Riverside account' }).click();
    await atHospital(page, 'chen.yu');
    await expect(page.getByRole('alert')).toHaveText(/None of your groups at the hospital gives you a role here/);
    await expectAccessible(page);
    hospital.groups = ['doctors'];
    await page.context().close();
  });

  test('asks again who one is, in a window of its own, for who has no password', async ({ browser }) => {
    const page = await (await browser.newContext(desk)).newPage();
    await page.goto(`${home()}/sign-in?next=/account`);
    await page.getByRole('button', { name: 'Sign in with Riverside account' }).click();
    await atHospital(page, 'chen.yu');
    await expect(page).toHaveURL(`${home()}/account`);
    // A quarter of an hour later the proof is no longer fresh; the server is told so, for nobody waits in a test.
    await page.route('**/api/session/totp', async (route) => {
      await route.fulfill({ status: 403, json: { error: { code: 'step-up.needed', message: '' } } });
    }, { times: 1 });
    await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('button', { name: 'Prove it with Riverside account' })).toBeVisible();
    await expect(dialog.getByLabel('Password')).toHaveCount(0);
    const opened = page.waitForEvent('popup');
    await dialog.getByRole('button', { name: 'Prove it with Riverside account' }).click();
    await atHospital(await opened, 'chen.yu');
    await expect(page.getByRole('img', { name: 'Drawing for the authenticator app' })).toBeVisible();
    await page.context().close();
  });

  test('that is down says so, and passwords still work', async ({ browser }) => {
    const page = await (await browser.newContext(desk)).newPage();
    // It goes down while somebody is on the way back from it.
    await page.route(`${hospital.issuer}/auth**`, async (route) => {
      const asked = new URL(route.request().url()).searchParams;
      const back = new URL(asked.get('redirect_uri')!);
      back.search = String(new URLSearchParams({ state: asked.get('state')!, code: 'a-code', iss: hospital.issuer }));
      await route.fulfill({ status: 302, headers: { location: back.href } });
    });
    await page.goto(`${home()}/sign-in`);
    const button = page.getByRole('button', { name: 'Sign in with Riverside account' });
    await expect(button).toBeVisible();
    await hospital.stop();
    await button.click();
    await expect(page.getByRole('alert')).toHaveText(/Your hospital's sign-in cannot be reached now/);
    const clinician = (await demoPeople()).find(({ role }) => role === 'clinician')!;
    await typePassword(page, clinician.key, await demoPassword());
    await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
    await page.context().close();
  });
});

/** The administrator writes the provider down. */
async function writeDown(page: Page): Promise<void> {
  await page.goto(page.url().replace(/\/admin.*$/, '/admin/identity-providers'));
  await page.getByRole('button', { name: 'Add a provider' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name on the button, English').fill('Riverside account');
  await dialog.getByLabel('Name on the button, Chinese').fill('河滨账号');
  await dialog.getByLabel('Issuer address').fill(hospital.issuer);
  await dialog.getByLabel('Client ID').fill(CLIENT.id);
  await dialog.getByLabel('Client secret').fill(CLIENT.secret);
  await dialog.getByRole('button', { name: 'Add a row' }).click();
  await dialog.getByLabel('Value of the claim').fill('doctors');
  await dialog.getByText('Make an account for people who come for the first time').click();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
}

/** Whatever the provider's own pages ask: who one is, and whether this server may know. */
async function atHospital(page: Page, login: string): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill(login);
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  const consent = page.getByRole('button', { name: 'Continue' });
  await consent.click({ timeout: 3000 }).catch(() => undefined);
}
