import { expect, type Page } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { become, someone, type Session } from '../harness/clinic.ts';
import { admitted, halfOrdered, measured, sendMessage } from '../harness/mllp.ts';
import { test, type Language } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';
import { look, open, settled } from '../harness/screens.ts';

interface Line {
  id: string;
  control: string;
  state: string;
}

/** What the sender of this story calls itself; no other test knows it. */
const WARD = 'WARD|NORTH';
const WIDTHS = [1280, 390];
const LOOKS = WIDTHS.flatMap((width) => [{ theme: 'light' as const, width }, { theme: 'dark' as const, width }]);

async function messageOf(session: Session, control: string): Promise<Line> {
  const { messages } = await session.ask<{ messages: Line[] }>('GET', `/api/admin/messages?text=${control}`);
  return messages.find((line) => line.control === control)!;
}

/** A day of a busy line: quiet at night, with a fault before noon. */
function busyDay(): object {
  const now = Date.now();
  const buckets = Array.from({ length: 288 }, (_, place) => {
    const applied = Math.round(60 + 50 * Math.sin((place / 288) * 2 * Math.PI) + (place % 7) * 6);
    const failed = place > 240 && place < 248 ? 30 : place % 61 === 0 ? 1 : 0;
    return {
      at: new Date(now - (287 - place) * 300_000).toISOString(),
      applied,
      failed,
      rejected: place === 270 ? 12 : 0,
      lost: 0,
      p50_ms: 4 + (place % 5),
      p95_ms: failed > 1 ? 900 : 30 + (place % 11) * 4,
    };
  });
  return { bucket_s: 300, buckets, strangers: [], failed: 200 };
}

/** The screen as it stands, at every width and in both colours, in both languages. */
async function lookInBoth(page: Page, name: string, at: string, then?: (page: Page, language: Language) => Promise<void>): Promise<void> {
  for (const language of ['en', 'zh-CN'] as const) {
    await page.setViewportSize({ width: 1280, height: 800 });
    await open(page, at, language);
    await settled(page);
    await then?.(page, language);
    expect.soft(await look(page, `message-desk-${name}`, language, LOOKS)).toEqual([]);
  }
  await open(page, at, 'en');
  await page.setViewportSize({ width: 1280, height: 800 });
  await settled(page);
}

test('an administrator says who may send, and sees to what could not be applied', async ({ people }) => {
  test.setTimeout(240_000);
  const { page, context, faults } = await people.atDesk('administrator');
  const session = await become(await someone('administrator'), context);
  await page.goto(`${demo().http}/admin/messages/senders`);

  await test.step('the sender that takes anybody, with which a demo begins, is marked as a risk and is removed', async () => {
    const row = page.getByRole('row', { name: /Any system/ });
    await expect(row.getByText('Takes anybody')).toBeVisible();
    await row.getByRole('button').click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await expect(page.getByRole('status').filter({ hasText: 'was removed.' })).toBeVisible();
    await expect(row).toHaveCount(0);
    await page.getByRole('link', { name: 'Came in', exact: true }).click();
  });
  await test.step('who is not known is turned away, and is seen', async () => {
    expect(await sendMessage(admitted('D1', WARD))).toBe('AR');
    await page.getByRole('button', { name: 'Look again' }).click();
    await expect(page.getByRole('row', { name: /WARD NORTH/ })).toBeVisible();
    await expectAccessible(page);
  });
  await test.step('a sender is made of it, by what it calls itself', async () => {
    await page.getByRole('button', { name: 'Make WARD|NORTH a sender' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByLabel('Application (MSH-3)')).toHaveValue('WARD');
    await expect(dialog.getByLabel('Addresses')).toHaveValue('127.0.0.1');
    await dialog.getByLabel('Name').fill('North ward');
    await dialog.getByLabel('Kinds it may send').fill('everything');
    await dialog.getByRole('button', { name: 'Add an authority' }).click();
    await dialog.getByLabel('As it is sent').fill('WEST');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(dialog.getByText(/^Write kinds such as/)).toBeVisible();
    await expect(dialog.getByText(/^A system is a URI/)).toBeVisible();
    await dialog.getByLabel('Kinds it may send').fill('adt oru orm');
    await dialog.getByLabel('System (URI)').fill('https://west.example/number');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(page.getByRole('status').filter({ hasText: 'North ward was saved.' })).toBeVisible();
    await expect(page.getByRole('row', { name: /WARD NORTH/ })).toHaveCount(0);
  });
  await test.step('messages come, and each says what became of it', async () => {
    expect(await sendMessage(admitted('D1', WARD))).toBe('AA');
    expect(await sendMessage(measured('D2', WARD))).toBe('AA');
    for (const control of ['D3', 'D4']) expect(await sendMessage(halfOrdered(control, WARD))).toBe('AE');
    expect(await sendMessage(admitted('D5', 'PACS|SOUTH'))).toBe('AR');
    expect(await sendMessage(admitted('D1', WARD, 'PID|1||4712^^^WEST^MR||Reyes^Eva||19710607|F'))).toBe('AA');
    await page.getByRole('button', { name: 'Look again' }).click();
    const row = (control: string) => page.getByRole('row', { name: new RegExp(`\\b${control}\\b`) });
    await expect(row('D1').filter({ hasText: 'Number used before' }).getByText('Applied')).toBeVisible();
    await expect(row('D2').getByText(/left out/)).toBeVisible();
    await expect(row('D3').getByText(/the message has no ORC/)).toBeVisible();
    await lookInBoth(page, 'list', '/admin/messages');
  });
  await test.step('what waits is tried again', async () => {
    await page.getByRole('button', { name: 'Show them' }).click();
    await expect(page.getByRole('row', { name: /D1/ })).toHaveCount(0);
    await page.getByRole('checkbox', { name: 'Choose message D3' }).check({ force: true });
    await page.getByRole('button', { name: 'Try again (1)' }).click();
    await expect(page.getByRole('status').filter({ hasText: '1 could not be applied again.' })).toBeVisible();
    await expect(page.getByRole('row', { name: /D3/ }).getByText('Tried 2 times')).toBeVisible();
  });
  await test.step('one is opened, and set aside with a reason', async () => {
    await page.getByRole('row', { name: /D3/ }).getByRole('link').click();
    await expect(page.getByText(/recorded in the audit/)).toBeVisible();
    await expect(page.getByText('PID-3', { exact: true })).toBeVisible();
    await expect(page.getByText('4711^^^WEST^MR').first()).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Set aside' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Set aside' }).click();
    await expect(dialog.getByText('Give the reason.')).toBeVisible();
    await dialog.getByLabel('Reason').fill('Sent by mistake, says the ward');
    await dialog.getByRole('button', { name: 'Set aside' }).click();
    await expect(dialog).toHaveCount(0);
    await expect(page.getByText('Sent by mistake, says the ward')).toBeVisible();
    await page.getByRole('link', { name: 'All messages' }).click();
    await expect(page.getByRole('row', { name: /D4/ })).toBeVisible();
    await expect(page.getByRole('row', { name: /D3/ })).toHaveCount(0);
    await lookInBoth(page, 'waiting', '/admin/messages?state=failed', async (there) => {
      await there.getByRole('checkbox').first().check({ force: true });
    });
  });
  await test.step('one that was applied shows what was made of it', async () => {
    const { id } = await messageOf(session, 'D2');
    await lookInBoth(page, 'applied', `/admin/messages/${id}`, async (there, language) => {
      await there.getByRole('button', { name: language === 'en' ? 'Unfold all' : '全部展开' }).click();
    });
    await expect(page.getByText(/Observation\/\S/).first()).toBeVisible();
    for (const control of ['D3', 'D4']) {
      await lookInBoth(page, control === 'D3' ? 'set-aside' : 'failed', `/admin/messages/${(await messageOf(session, control)).id}`);
    }
  });
  await test.step('words that stand in a message find it', async () => {
    await page.goto(`${demo().http}/admin/messages`);
    await page.getByLabel('Number or words in it').fill('hemoglobin');
    await page.getByRole('button', { name: 'Search' }).click();
    await expect(page.getByRole('row', { name: /D2/ })).toBeVisible();
    await expect(page.getByRole('row', { name: /D4/ })).toHaveCount(0);
    await page.getByRole('button', { name: 'Show all' }).click();
    await expect(page.getByRole('row', { name: /D4/ })).toBeVisible();
  });
  await test.step('a sender that takes anybody is warned of while it is made, and is there again for those who come after', async () => {
    await page.getByRole('link', { name: 'Senders' }).click();
    await page.getByRole('button', { name: 'Add a sender' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Whoever comes');
    await dialog.getByText('It may come without TLS', { exact: true }).click();
    await expect(dialog.getByText(/whoever reaches the port may write into records/)).toBeVisible();
    await expect(dialog.getByText(/everybody on the way can read/)).toBeVisible();
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    const row = page.getByRole('row', { name: /Whoever comes/ });
    await expect(row.getByText('Takes anybody')).toBeVisible();
    await expect(row.getByText('Without TLS')).toBeVisible();
    await lookInBoth(page, 'senders', '/admin/messages/senders');
    await lookInBoth(page, 'sender-risky', '/admin/messages/senders', async (there, language) => {
      await there.getByRole('row', { name: /Whoever comes/ }).getByRole('button').click();
      await there.getByRole('menuitem', { name: language === 'en' ? 'Change' : '修改' }).click();
      await there.getByRole('button', { name: language === 'en' ? 'Add an authority' : '添加分配机构' }).click();
      await there.getByRole('dialog').getByRole('button').last().click();
      await there.getByRole('dialog').getByRole('button').last().scrollIntoViewIfNeeded();
    });
    await lookInBoth(page, 'sender', '/admin/messages/senders', async (there, language) => {
      await there.getByRole('row', { name: /North ward/ }).getByRole('button').click();
      await there.getByRole('menuitem', { name: language === 'en' ? 'Change' : '修改' }).click();
      await expect(there.getByRole('dialog')).toBeVisible();
    });
    await expectAccessible(page);
  });
  await test.step('a whole day of traffic can be read', async () => {
    await page.route('**/api/admin/messages/flow', (route) => route.fulfill({ json: busyDay() }));
    await lookInBoth(page, 'day', '/admin/messages?text=D4', async (there, language) => {
      await expect(there.getByText(language === 'en' ? '200 or more' : '200 条以上')).toBeVisible();
      if (language === 'en') await there.getByRole('button', { name: '24 hours' }).click();
    });
  });
  expect(faults).toEqual([]);
});
