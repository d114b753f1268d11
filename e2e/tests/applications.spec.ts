import { expect, type Page } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { CALLBACK, asking, redeem, register, startService } from '../harness/applications.ts';
import { become, demoPeople, someClinician, walkIn } from '../harness/clinic.ts';
import { test } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';

const SCOPES = 'launch launch/patient patient/*.rs openid fhirUser offline_access';

/** The address that the browser is sent to; nobody is there to answer. */
async function sentBack(page: Page, press: () => Promise<void>): Promise<URL> {
  await page.context().route(`${CALLBACK}**`, (route) => route.fulfill({ body: 'back' }));
  // The page itself, not only the request for it: what is opened next must not meet a navigation that is under way.
  const there = page.waitForURL((url) => url.href.startsWith(CALLBACK));
  await press();
  await there;
  return new URL(page.url());
}

test.describe('an application of others', () => {
  test('is registered, asks, is let in, and loses it again', async ({ people }) => {
    const { page: office, context } = await people.atDesk('administrator');
    const administrator = (await demoPeople()).find(({ role }) => role === 'administrator')!;
    await become(administrator, context);
    await office.goto(`${demo().http}/admin/applications`);
    await office.getByRole('button', { name: 'Register an application' }).click();
    const dialog = office.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Register an application' }).click();
    await expect(dialog.getByText('Give it a name.')).toBeVisible();
    await dialog.getByLabel('Name').fill('Story chart');
    await dialog.getByText('Application with a secret').click();
    await dialog.getByLabel('Redirect addresses').fill('javascript:alert(1)');
    await dialog.getByLabel('Scopes').fill(SCOPES);
    await dialog.getByRole('button', { name: 'Register an application' }).click();
    await expect(dialog.getByText('Write https:// addresses')).toBeVisible();
    await dialog.getByLabel('Redirect addresses').fill(CALLBACK);
    await dialog.getByRole('button', { name: 'Register an application' }).click();
    await expect(dialog.getByRole('heading', { name: 'Story chart is registered' })).toBeVisible();
    await expect(dialog.getByLabel('Client secret')).toHaveValue(/^bqs_/);
    await expectAccessible(office);
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await expect(office.getByRole('row', { name: /Story chart/ })).toBeVisible();

    // A public one of the same kind, for a clinician who has yet to sign in.
    const session = await become(administrator, context);
    const { application } = await register(session, 'Public story', SCOPES);
    const treating = await someClinician();
    const ask = await become(treating);
    const taken = { name: 'Zhou Story', birth_date: '1977-07-07', phone: '13700000051', sex: 'female', language: 'en' };
    const { patient } = await ask.ask<{ patient: { id: string } }>('POST', '/api/patients', taken);
    const { page } = await people.atDesk('clinician');
    await page.goto(`${demo().http}/oauth2/authorize?${asking(application.id, SCOPES)}`);
    await page.getByRole('button', { name: treating.name }).click();
    await expect(page.getByRole('heading', { name: 'Public story asks for access' })).toBeVisible();
    await expect(page.getByText('Read everything of one patient')).toBeVisible();
    const allow = page.getByRole('button', { name: 'Allow', exact: true });
    await expect(allow).toBeDisabled();
    await page.getByRole('searchbox').fill('Zhou Story');
    await page.getByText('Zhou Story').first().click();
    await expectAccessible(page);
    const back = await sentBack(page, () => allow.click());
    expect(back.searchParams.get('state')).toBe('of-the-story');
    const tokens = await redeem(application.id, back.searchParams.get('code')!);
    expect(tokens.patient).toBe(patient.id);
    const read = (): Promise<Response> =>
      fetch(`${demo().http}/fhir/Patient/${patient.id}`, { headers: { authorization: `Bearer ${String(tokens.access_token)}` } });
    expect((await read()).status).toBe(200);

    await office.reload();
    await office.getByRole('button', { name: 'Actions for Public story' }).click();
    await office.getByRole('menuitem', { name: 'What users allowed' }).click();
    await expect(dialog.getByRole('row', { name: new RegExp(treating.name.slice(0, 6)) })).toBeVisible();
    await expectAccessible(office);
    await dialog.getByRole('button', { name: 'Take back' }).click();
    await expect(dialog.getByText('No user has allowed it anything.')).toBeVisible();
    expect((await read()).status).toBe(401);
  });

  test('that is not let in is told so, and one that is not known is not asked about', async ({ people }) => {
    const administrator = await become((await demoPeople()).find(({ role }) => role === 'administrator')!);
    const { application } = await register(administrator, 'Refused story', SCOPES);
    const { page, context } = await people.atDesk('clinician');
    await become(await someClinician(), context);
    await page.goto(`${demo().http}/authorize?${asking(application.id, SCOPES)}`);
    const back = await sentBack(page, () => page.getByRole('button', { name: 'Do not allow' }).click());
    expect(back.searchParams.get('error')).toBe('access_denied');
    expect(back.searchParams.get('code')).toBeNull();

    const elsewhere = new URLSearchParams(asking(application.id, SCOPES));
    elsewhere.set('redirect_uri', 'https://evil.example/back');
    await page.goto(`${demo().http}/oauth2/authorize?${elsewhere}`);
    await expect(page.getByRole('heading', { name: 'This application cannot ask' })).toBeVisible();
    await expect(page.getByRole('alert')).toContainText('is not registered for it');
    expect(new URL(page.url()).origin).toBe(demo().http);
  });

  test('that runs by itself is known by the keys that it publishes', async ({ people }) => {
    const service = await startService(Number(process.env.BIANQUE_HOSPITAL_PORT));
    const { page, context } = await people.atDesk('administrator');
    await become((await demoPeople()).find(({ role }) => role === 'administrator')!, context);
    await page.goto(`${demo().http}/admin/applications`);
    await page.getByRole('button', { name: 'Register an application' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Backend service').click();
    await dialog.getByLabel('Name').fill('Published story');
    await dialog.getByLabel('Scopes').fill('system/Patient.rs');
    await dialog.getByRole('button', { name: 'Register an application' }).click();
    await expect(dialog.getByText('Write the address of its keys, or paste the keys below.')).toBeVisible();
    await dialog.getByLabel('Address of its public keys').fill('https://10.0.0.7/jwks.json');
    await dialog.getByRole('button', { name: 'Register an application' }).click();
    await expect(dialog.getByText('The address lies inside a network.')).toBeVisible();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    const client = await dialog.getByLabel('Client id').inputValue();
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    const refused = await service.asks(client, 'system/Patient.rs');
    expect(refused.status).toBe(401);
    expect(((await refused.json()) as { error_description: string }).error_description).toContain('lies inside a network');

    // At an address that the operator allows.
    await page.getByRole('button', { name: 'Actions for Published story' }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await dialog.getByLabel('Address of its public keys').fill(service.address);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog).toBeHidden();
    expect((await service.asks(client, 'system/Patient.rs')).status).toBe(200);
    await service.stop();
  });

  test('that is opened from a visit is told which', async ({ people }) => {
    const administrator = await become((await demoPeople()).find(({ role }) => role === 'administrator')!);
    const scopes = 'launch patient/*.rs online_access';
    const { application } = await register(administrator, 'Visit story', scopes, { launch_url: `${CALLBACK}/launch` });
    const { page, context } = await people.atDesk('clinician');
    const session = await become(await someClinician(), context);
    const visit = await walkIn(session, { name: 'Shi Tu', birth_date: '1969-09-09', phone: '13700000052' });
    await context.route(`${CALLBACK}**`, (route) => route.fulfill({ body: 'there' }));
    await page.goto(`${demo().http}/work/visits/${visit.visitId}`);
    await page.getByRole('button', { name: 'Open in…' }).click();
    await expectAccessible(page);
    const opened = context.waitForEvent('page');
    await page.getByRole('menuitem', { name: 'Visit story' }).click();
    const tab = await opened;
    await tab.waitForURL(`${CALLBACK}/launch**`);
    const launch = new URL(tab.url()).searchParams.get('launch')!;
    await tab.goto(`${demo().http}/authorize?${asking(application.id, scopes, { launch })}`);
    await expect(tab.getByText('Learn from which visit it was opened')).toBeVisible();
    await expect(tab.getByText('Shi Tu')).toBeVisible();
    const back = await sentBack(tab, () => tab.getByRole('button', { name: 'Allow', exact: true }).click());
    const tokens = await redeem(application.id, back.searchParams.get('code')!);
    expect([tokens.patient, tokens.encounter]).toEqual([visit.patientId, visit.visitId]);
  });

  test('is seen by who let it in, who takes it back', async ({ people }) => {
    const administrator = await become((await demoPeople()).find(({ role }) => role === 'administrator')!);
    const { application } = await register(administrator, 'Own story', 'user/Observation.rs user/Condition.rs openid offline_access');
    const { page, context } = await people.atDesk('clinician');
    await become(await someClinician(), context);
    await page.goto(`${demo().http}/authorize?${asking(application.id, 'user/Observation.rs user/Condition.rs openid offline_access')}`);
    const back = await sentBack(page, () => page.getByRole('button', { name: 'Allow', exact: true }).click());
    const tokens = await redeem(application.id, back.searchParams.get('code')!);
    const read = (): Promise<Response> =>
      fetch(`${demo().http}/fhir/Observation`, { headers: { authorization: `Bearer ${String(tokens.access_token)}` } });
    expect((await read()).status).toBe(200);

    await page.goto(`${demo().http}/account`);
    const own = page.getByRole('list', { name: 'Applications that you allowed' }).getByRole('listitem').filter({ hasText: 'Own story' });
    await expect(own.first()).toContainText('last used');
    await expect(page.getByText('Read diagnoses of every patient that you may see').first()).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Take back what Own story may do' }).click();
    await expect(page.getByText('It is taken back.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Take back what Own story may do' })).toHaveCount(0);
    expect((await read()).status).toBe(401);
  });
});
