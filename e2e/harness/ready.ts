/** What the demo prints once, when every listener is bound. */
export interface Ready {
  ready: true;
  http: string;
  media?: string;
  /** Where HL7 v2 is taken over MLLP. */
  mllp?: string;
  data?: string;
  links: { clinician: string; patient: string; patient_name: string; patient_birth_date: string };
}

/** The demo that these tests run against. */
export function demo(): Ready {
  const line = process.env.BIANQUE_READY;
  if (!line) throw new Error('no demo was started: run `cargo xtask e2e`');
  return JSON.parse(line) as Ready;
}

/** What the demo's clinicians sign with. */
export async function demoPassword(): Promise<string> {
  const answer = await fetch(`${demo().http}/api/demo/people`);
  return ((await answer.json()) as { password: string }).password;
}

/** What a join link tells before anybody has confirmed anything. */
export async function linkInfo(link: string): Promise<{ visit_id: string; practitioner_name: string }> {
  const answer = await fetch(link.replace('/j/', '/api/join/'));
  return (await answer.json()) as { visit_id: string; practitioner_name: string };
}
