/** What the demo prints once, when every listener is bound. */
export interface Ready {
  ready: true;
  http: string;
  media?: string;
  data?: string;
  links: { clinician: string; patient: string; patient_birth_date: string };
}

/** The demo that these tests run against. */
export function demo(): Ready {
  const line = process.env.BIANQUE_READY;
  if (!line) throw new Error('no demo was started: run `cargo xtask e2e`');
  return JSON.parse(line) as Ready;
}
