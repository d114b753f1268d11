import { expect, type Page } from '@playwright/test';

export interface NoteText {
  subjective: string;
  objective: string;
  assessment: string;
  plan: string;
  /** Words to find a diagnosis by; the first that is offered is taken. */
  diagnosis: string;
  disposition: string;
  goToHospitalIf: string;
  selfCare: string;
  followUp: string;
}

export const eczema: NoteText = {
  subjective: 'Itching rash on the left forearm for three days, no fever.',
  objective: 'Photo: red, dry patches. No blisters seen.',
  assessment: 'Contact dermatitis is likely.',
  plan: 'Emollient twice a day. Avoid the new soap.',
  diagnosis: 'dermatitis',
  disposition: 'Self-care at home',
  goToHospitalIf: 'The rash spreads to your face, or you have trouble breathing.',
  selfCare: 'Keep the skin cool and do not scratch.',
  followUp: 'Video visit in one week.',
};

/** Opens the demo's link and becomes this clinician with one click. */
export async function signIn(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link);
  await page.getByRole('button', { name }).click();
  await expect(queue(page)).toBeVisible();
}

/** Opens a visit from the queue. */
export async function openVisit(page: Page, visitId: string): Promise<void> {
  await queue(page).locator(`a[href$="/visits/${visitId}"]`).click();
  await expect(actions(page)).toBeVisible();
}

function queue(page: Page) {
  return page.getByRole('navigation', { name: 'Visits of the day' });
}

/** Two identifiers, then the call. */
export async function admit(page: Page): Promise<void> {
  await actions(page).getByRole('button', { name: 'Admit' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Name', { exact: true }).click();
  await expect(dialog.getByRole('button', { name: 'Admit and start the call' })).toBeDisabled();
  await dialog.getByText('Birth date', { exact: true }).click();
  await dialog.getByRole('button', { name: 'Admit and start the call' }).click();
  await expect(dialog).toBeHidden();
}

export async function openPart(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name: new RegExp(`^${name}`) }).click();
}

export async function writeNote(page: Page, note: NoteText): Promise<void> {
  await openPart(page, 'Note');
  const form = page.getByRole('form', { name: 'Note' });
  await form.getByLabel('Subjective').fill(note.subjective);
  await form.getByLabel('Objective').fill(note.objective);
  await form.getByLabel('Assessment').fill(note.assessment);
  await form.getByLabel('Plan', { exact: true }).fill(note.plan);
  await form.getByRole('searchbox', { name: 'Add a diagnosis' }).pressSequentially(note.diagnosis);
  await page.getByRole('option').first().click();
  await form.getByText(note.disposition, { exact: true }).click();
  await form.getByLabel('Go to hospital if').fill(note.goToHospitalIf);
  await form.getByLabel('Self-care', { exact: true }).fill(note.selfCare);
  await form.getByLabel('Follow-up').fill(note.followUp);
  await expect(page.getByText(/^Saved \d/).first()).toBeVisible();
}

export async function endVisit(page: Page): Promise<void> {
  await actions(page).getByRole('button', { name: 'End the visit' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'End the visit' }).click();
  await expect(dialog).toBeHidden();
}

export async function sign(page: Page, password: string): Promise<void> {
  await beginSigning(page, password);
  await expect(page.getByRole('dialog')).toBeHidden();
}

/** Signs on a chart that has changed since it was read: refused, the change shown, read, signed. */
export async function signAfterReadingWhatChanged(page: Page, password: string): Promise<void> {
  await beginSigning(page, password);
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('The chart changed while you were writing')).toBeVisible();
  await dialog.getByText('I have read the changes').click();
  await dialog.getByRole('button', { name: 'Sign', exact: true }).click();
  await expect(dialog).toBeHidden();
}

async function beginSigning(page: Page, password: string): Promise<void> {
  await actions(page).getByRole('button', { name: 'Sign the note' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Your password').fill(password);
  await dialog.getByRole('button', { name: 'Sign', exact: true }).click();
}

export function actions(page: Page) {
  return page.getByRole('group', { name: 'Actions for this visit' });
}
