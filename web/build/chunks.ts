/** Parts of the design that no patient's page draws. */
const OF_DESK = '(CopyBox|copybox|DataTable|tables|useStacked|FindList|findlist|MenuButton|Parts|parts)\\.';
/** Modules that only those who sign in need. */
const DESK = new RegExp(
  `/src/((desk|workspace|admin|quality|account|applications)/|design/${OF_DESK})|/locales/[^/]+/(workspace|record|admin|quality|account|applications|identity|hl7v2|dicom|peers)\\.json|/node_modules/(recharts|victory-vendor|d3-)`,
);
/** Sheets that several of those screens share are named after one of their modules, without its folder. */
const SHARED_SHEETS = '(AllergyLine|PatientSearch|QualityPart|messages|Peer\\w+)\\.';
const OF_DESK_SHEET = new RegExp(`(^|/)(${OF_DESK}|${SHARED_SHEETS})css`);
const PATIENT = new RegExp(`/src/(patient|call|photos|visit|design(?!/${OF_DESK})|shell|api)/`);

/** Who takes part besides patient and clinician, and what the room does with them. */
const PEOPLE = /\/src\/people\/|\/locales\/[^/]+\/people\.json/;

/** What one needs when one speaks, or when a call is recorded: fetched when messages or the question are open. */
const VOICE = /\/src\/(voice|recording)\/|\/locales\/[^/]+\/(voice|recording)\.json/;
/** Sound without WebRTC. */
const SOUND = /\/src\/call\/sound\/|\/@evan\/opus\//;

/** The ways to a call, tried before it: of no use without a network. */
const WAYS = /\/src\/call\/ways\//;

const APART = [
  ['sound', SOUND],
  ['ways', WAYS],
  ['people', PEOPLE],
  ['voice', VOICE],
] as const;

/**
 * Names a chunk of the build. Those with nothing for a patient begin with `desk-`, so that the service worker leaves
 * them out of what it fetches ahead; so do the others here, each with its own name.
 */
export function chunkFileNames(chunk: { moduleIds: string[] }): string {
  for (const [name, modules] of APART) {
    if (chunk.moduleIds.length > 0 && chunk.moduleIds.every((id) => modules.test(id))) return `assets/${name}-[name]-[hash].js`;
  }
  const desk = chunk.moduleIds.some((id) => DESK.test(id)) && !chunk.moduleIds.some((id) => PATIENT.test(id));
  return `assets/${desk ? 'desk-' : ''}[name]-[hash].js`;
}

/** The same for style sheets, by the file that they come from. */
export function assetFileNames(asset: { originalFileNames?: string[]; names?: string[] }): string {
  const from = [...(asset.originalFileNames ?? []), ...(asset.names ?? [])];
  if (from.some((name) => /(^|\/)people(\/|\.css)/.test(name))) return 'assets/people-[name]-[hash][extname]';
  if (from.some((name) => /(^|\/)(voice|recording)(\/|\.css)/.test(name))) return 'assets/voice-[name]-[hash][extname]';
  const desk = from.some((name) => /(^|\/)(workspace|admin|quality|account|applications|identity)(\/|\.css)/.test(name) || OF_DESK_SHEET.test(name));
  return `assets/${desk ? 'desk-' : ''}[name]-[hash][extname]`;
}
