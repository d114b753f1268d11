import { expect, type Page } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { become, someone, type Session } from '../harness/clinic.ts';
import { test, type Language } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';
import { look, open, settled } from '../harness/screens.ts';

interface Peer {
  name: string;
  title: string;
  store: boolean;
  query: boolean;
  retrieve: boolean;
  host: string;
  port: number;
  addresses: string[];
  makes_patients: boolean;
}

const LOOKS = [1280, 390].flatMap((width) => [{ theme: 'light' as const, width }, { theme: 'dark' as const, width }]);

async function peerNamed(session: Session, name: string): Promise<Peer | undefined> {
  const { peers } = await session.ask<{ peers: Peer[] }>('GET', '/api/admin/peers');
  return peers.find((peer) => peer.name === name);
}

/** The list as it stands, at every width and in both colours, in both languages. */
async function lookInBoth(page: Page, name: string): Promise<void> {
  for (const language of ['en', 'zh-CN'] satisfies Language[]) {
    await page.setViewportSize({ width: 1280, height: 800 });
    await open(page, '/admin/peers', language);
    await settled(page);
    expect.soft(await look(page, `imaging-devices-${name}`, language, LOOKS)).toEqual([]);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await open(page, '/admin/peers', 'en');
  await settled(page);
}

test('an administrator says which devices exchange images, and what each may', async ({ people }) => {
  test.setTimeout(240_000);
  const { page, context, faults } = await people.atDesk('administrator');
  const session = await become(await someone('administrator'), context);
  const row = (name: RegExp) => page.getByRole('row', { name });
  const saved = (words: string) => page.getByRole('status').filter({ hasText: words });
  await page.goto(`${demo().http}/admin/peers`);

  await test.step('the device with which a demo begins stands for everybody, and is marked as a risk', async () => {
    await expect(row(/Any device/).getByText('Lets in anybody')).toBeVisible();
    await expect(page.getByText('AE title of this server: BIANQUE')).toBeVisible();
    await expectAccessible(page);
  });
  await test.step('a scanner is added by keyboard alone', async () => {
    const add = page.getByRole('button', { name: 'Add a device' });
    await add.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Add a device' });
    await expect(dialog).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await expect(add).toBeFocused();
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Add', exact: true }).focus();
    await page.keyboard.press('Enter');
    await expect(dialog.getByLabel('Name')).toBeFocused();
    await expect(dialog.getByText('Give it a name.')).toBeVisible();
    await page.keyboard.type('CT of the west wing');
    await page.keyboard.press('Tab');
    await page.keyboard.type('WEST_CT\\1');
    await dialog.getByRole('button', { name: 'Add', exact: true }).focus();
    await page.keyboard.press('Enter');
    await expect(dialog.getByLabel('AE title')).toBeFocused();
    await expectAccessible(page);
    await dialog.getByLabel('AE title').fill('WEST_CT');
    await dialog.getByLabel('Addresses').fill('192.0.2.31');
    await dialog.getByRole('button', { name: 'Add', exact: true }).focus();
    await page.keyboard.press('Enter');
    await expect(saved('CT of the west wing was saved.')).toBeVisible();
    await expect(row(/WEST_CT/).getByText('None', { exact: true })).toBeVisible();
    expect(await peerNamed(session, 'CT of the west wing')).toMatchObject({
      title: 'WEST_CT',
      addresses: ['192.0.2.31'],
      store: true,
      query: false,
      retrieve: false,
      host: '',
      port: 0,
    });
  });
  await test.step('patients are made only by numbers whose authority is said', async () => {
    await row(/WEST_CT/).getByRole('button').click();
    await page.getByRole('menuitem', { name: 'Change' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Make patients who are not known here').click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog.getByText(/^Patients are made by their Patient IDs/)).toBeVisible();
    await expect(dialog.getByRole('button', { name: 'Add an authority' })).toBeFocused();
    await dialog.getByRole('button', { name: 'Add an authority' }).click();
    await dialog.getByLabel('System (URI)').fill('west');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog.getByText(/^A system is a URI/)).toBeVisible();
    await dialog.getByLabel('System (URI)').fill('https://west.example/number');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog).toHaveCount(0);
    expect(await peerNamed(session, 'CT of the west wing')).toMatchObject({ makes_patients: true });
  });
  await test.step('an archive has another title, and is sent images without TLS', async () => {
    await page.getByRole('button', { name: 'Add a device' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Archive of the county');
    await dialog.getByLabel('AE title').fill('WEST_CT');
    await dialog.getByText('Query', { exact: true }).click();
    await dialog.getByText('Retrieve', { exact: true }).click();
    await dialog.getByText('It may come, and be sent images, without TLS').click();
    await expect(dialog.getByText(/^Without TLS everybody on the way/)).toBeVisible();
    await dialog.getByLabel('Host', { exact: true }).fill('pacs.county.example');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(dialog.getByText('A port is a number from 1 to 65535.')).toBeVisible();
    await dialog.getByLabel('Port', { exact: true }).fill('11112');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(dialog.getByText('Another device has this AE title.')).toBeInViewport();
    await dialog.getByLabel('AE title').fill('COUNTY_PACS');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(saved('Archive of the county was saved.')).toBeVisible();
    await expect(row(/COUNTY_PACS/).getByText('pacs.county.example:11112')).toBeVisible();
    await expect(row(/COUNTY_PACS/).getByText('Without TLS')).toBeVisible();
    await lookInBoth(page, 'list');
  });
  await test.step('they are taken away after a question', async () => {
    for (const name of ['CT of the west wing', 'Archive of the county']) {
      await row(new RegExp(name)).getByRole('button').click();
      await page.getByRole('menuitem', { name: 'Remove' }).click();
      await page.getByRole('dialog', { name: `Remove ${name}?` }).getByRole('button', { name: 'Remove' }).click();
      await expect(saved(`${name} was removed.`)).toBeVisible();
      expect(await peerNamed(session, name)).toBeUndefined();
    }
    await expect(row(/Any device/)).toBeVisible();
  });
  expect(faults).toEqual([expect.stringContaining('"peer.known"')]);
});
