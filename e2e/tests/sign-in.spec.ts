import { expect, test, type Browser, type Page } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import {
  addPasskey,
  asAdministrator,
  choosePassword,
  codeOf,
  home,
  keepCodes,
  makeUser,
  setUpApp,
  signOut,
  typePassword,
  withDevice,
} from '../harness/account.ts';
import { desk, phone } from '../harness/browser.ts';
import { demoPassword } from '../harness/ready.ts';

const PASSWORD = 'seven green boats';

/** A new account, signed in on its own page in a browser of its own. */
async function newcomer(browser: Browser, login: string, role: 'Clinician' | 'Administrator'): Promise<Page> {
  const office = await (await browser.newContext(desk)).newPage();
  await asAdministrator(office);
  const link = await makeUser(office, { name: `Dr. ${login}`, login, role });
  await office.context().close();
  const page = await (await browser.newContext(desk)).newPage();
  await choosePassword(page, link, PASSWORD);
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
  return page;
}

test.describe('signing in', () => {
  test('takes two steps once an authenticator app is set up, and a code is good once', async ({ browser }) => {
    const page = await newcomer(browser, 'two.steps', 'Clinician');
    await page.goto(`${home()}/account`);
    const { key, codes } = await setUpApp(page);
    await expect(page.getByText('10 codes are left.')).toBeVisible();
    await expectAccessible(page);
    await signOut(page);

    await typePassword(page, 'two.steps', PASSWORD);
    await expect(page.getByRole('heading', { name: 'Second step' })).toBeVisible();
    await expectAccessible(page);
    const code = page.getByLabel('Code of your authenticator app');
    await code.fill('000000');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(page.getByRole('alert')).toHaveText('This code is not right or was used already.');
    const next = codeOf(key, 1);
    await code.fill(next);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(page.getByRole('navigation', { name: 'Visits of the day' })).toBeVisible();
    await signOut(page);

    await typePassword(page, 'two.steps', PASSWORD);
    await code.fill(next);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(page.getByRole('alert')).toHaveText('This code is not right or was used already.');
    await page.getByRole('button', { name: 'Use a recovery code instead' }).click();
    await page.getByLabel('Recovery code').fill(codes[0]!);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(page.getByRole('navigation', { name: 'Visits of the day' })).toBeVisible();
    await page.goto(`${home()}/account`);
    await expect(page.getByText('9 codes are left.')).toBeVisible();
    await page.context().close();
  });

  test('takes a passkey alone, and a passkey is the second step of a password', async ({ browser }) => {
    const page = await newcomer(browser, 'passkey', 'Clinician');
    const device = await withDevice(page);
    await page.goto(`${home()}/account`);
    await addPasskey(page, 'Ward laptop');
    await keepCodes(page);
    await expect(page.getByRole('list', { name: 'Passkeys' }).getByText('Ward laptop', { exact: true })).toBeVisible();
    // The device does not make another one for the same account.
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await expect(page.getByRole('alert')).toHaveText('This device has a passkey for this account already.');
    await expectAccessible(page);
    await signOut(page);

    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await expect(page.getByRole('navigation', { name: 'Visits of the day' })).toBeVisible();
    await signOut(page);

    // Without its owner's finger the device gives nothing away.
    await device.verifies(false);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await expect(page.getByRole('alert')).toHaveText('No passkey was chosen. Try again or use another way.');
    await device.verifies(true);

    await typePassword(page, 'passkey', PASSWORD);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await expect(page.getByRole('navigation', { name: 'Visits of the day' })).toBeVisible();

    await page.goto(`${home()}/account`);
    await page.getByRole('button', { name: 'Rename Ward laptop' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Old laptop');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Take Old laptop away' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Take it away' }).click();
    await expect(page.getByRole('list', { name: 'Passkeys' })).toBeHidden();
    await signOut(page);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await expect(page.getByRole('alert')).toHaveText('This passkey is not known here.');
    await page.context().close();
  });

  test('is seen everywhere it happened, and a session that is ended leaves at once', async ({ browser }) => {
    const page = await newcomer(browser, 'two.places', 'Clinician');
    const elsewhere = await (await browser.newContext(phone)).newPage();
    await typePassword(elsewhere, 'two.places', PASSWORD);
    await expect(elsewhere.getByRole('button', { name: 'Sign out' })).toBeVisible();
    await elsewhere.waitForLoadState('networkidle');

    await page.goto(`${home()}/account`);
    const sessions = page.getByRole('list', { name: 'Where you are signed in' });
    await expect(sessions.getByRole('listitem')).toHaveCount(2);
    await expect(sessions.getByRole('listitem').first()).toContainText('Chrome on Linux');
    await expect(sessions.getByRole('listitem').first()).toContainText('This browser');
    await sessions.getByRole('button', { name: 'Sign out' }).click();
    await expect(sessions.getByRole('listitem')).toHaveCount(1);
    // Its socket was closed, and the page left: well before it would have asked by itself.
    await expect(elsewhere.getByRole('heading', { name: 'Sign in' })).toBeVisible({ timeout: 5_000 });
    await elsewhere.context().close();
    await page.context().close();
  });

  test('has to take two steps where an administrator says so', async ({ browser }) => {
    const office = await newcomer(browser, 'strict', 'Administrator');
    await withDevice(office);
    await office.goto(`${home()}/admin/sign-in`);
    const save = office.getByRole('button', { name: 'Save' });
    await office.getByText('Administrator', { exact: true }).click();
    await save.click();
    await expect(office.getByRole('alert')).toHaveText('Set up a second factor for yourself first.');
    await office.goto(`${home()}/account`);
    await addPasskey(office, 'Office');
    await keepCodes(office);
    const doctor = await newcomer(browser, 'required', 'Clinician');
    await office.goto(`${home()}/admin/sign-in`);
    await office.getByText('Clinician', { exact: true }).click();
    await save.click();
    await expect(office.getByText('Saved.')).toBeVisible();
    await expectAccessible(office);

    try {
      // Also who was signed in already has to.
      await doctor.goto(`${home()}/work`);
      await expect(doctor.getByText('Set up a second factor first')).toBeVisible();
      const refused = await doctor.request.get(`${home()}/api/patients?query=a`);
      expect(refused.status()).toBe(403);
      await setUpApp(doctor);
      await doctor.goto(`${home()}/work`);
      await expect(doctor.getByRole('navigation', { name: 'Visits of the day' })).toBeVisible();
    } finally {
      await office.getByText('Clinician', { exact: true }).click();
      await save.click();
      await expect(office.getByText('Saved.')).toBeVisible();
    }
    // Who lost the telephone is helped by an administrator, who sees where they are signed in.
    await office.goto(`${home()}/admin/users`);
    await office.getByLabel('Filter users').fill('required');
    await office.getByRole('button', { name: 'Actions for Dr. required' }).click();
    await office.getByRole('menuitem', { name: 'Where signed in' }).click();
    await expect(office.getByRole('dialog')).toContainText('Chrome on Linux');
    await office.getByRole('dialog').getByRole('button', { name: 'Close' }).first().click();
    await office.getByRole('button', { name: 'Actions for Dr. required' }).click();
    await office.getByRole('menuitem', { name: 'Reset second factor' }).click();
    await office.getByRole('alertdialog').getByRole('button', { name: 'Reset' }).click();
    await expect(doctor.getByRole('heading', { name: 'Sign in' })).toBeVisible({ timeout: 5_000 });
    await typePassword(doctor, 'required', PASSWORD);
    await expect(doctor.getByRole('navigation', { name: 'Visits of the day' })).toBeVisible();
    await doctor.context().close();
    await office.context().close();
  });

  test('is proved again before a change of administration, and the change is then made', async ({ browser }) => {
    const page = await (await browser.newContext(desk)).newPage();
    await asAdministrator(page);
    // As the server answers ten minutes after the last proof.
    let asked = 0;
    await page.route('**/api/admin/users', async (route) => {
      if (route.request().method() !== 'POST' || asked > 0) return route.continue();
      asked += 1;
      return route.fulfill({ status: 403, json: { error: { code: 'step-up.needed', message: 'prove' } } });
    });
    const made = makeUser(page, { name: 'Dr. later', login: 'later', role: 'Clinician' });
    const dialog = page.getByRole('dialog', { name: 'Show that it is you' });
    await dialog.getByLabel('Password', { exact: true }).fill('not the password');
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await expect(dialog.getByRole('alert')).toHaveText('The password is wrong.');
    await expectAccessible(page);
    await dialog.getByLabel('Password', { exact: true }).fill(await demoPassword());
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    expect(await made).toContain('/password/');
    expect(asked).toBe(1);
    await page.context().close();
  });
});
