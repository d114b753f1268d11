// Sums what each screen fetches, brotli as it travels, and fails above its budget. Run after a build.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = join(dirname(fileURLToPath(import.meta.url)), '../dist');
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));

const kilobytes = (bytes) => Math.round(bytes / 102.4) / 10;
const size = (file) => {
  try {
    return statSync(join(dist, `${file}.br`)).size;
  } catch {
    return statSync(join(dist, file)).size;
  }
};

/** Every file that a chunk needs before it runs. */
function needs(key, found = new Set()) {
  const chunk = manifest[key];
  if (!chunk || found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const sheet of chunk.css ?? []) found.add(sheet);
  for (const other of chunk.imports ?? []) needs(other, found);
  return found;
}

const ENTRY = 'index.html';
/** The frame and the addresses of all that does not begin with a link. */
const DESK = 'src/desk/Desk.tsx';
const words = (names) => names.map((name) => `src/locales/zh-CN/${name}.json`);
const SCREENS = [
  ['entry', 120, [ENTRY, ...words(['shell'])]],
  ...['Join', 'Device', 'Consent', 'Intake', 'Waiting', 'Call', 'Plan'].map((name) => [
    `patient ${name}`,
    230,
    [ENTRY, ...words(['shell', 'errors', 'patient', 'photos', 'call']), 'src/design/EmergencyHelp.tsx', 'src/patient/VisitPage.tsx', `src/patient/${name}Page.tsx`],
  ]),
  ...Object.keys(manifest)
    .filter((key) => /^src\/(workspace|admin|quality|account)\/.*Page\.tsx$/.test(key))
    .map((key) => [key.slice(4, -4), 400, [ENTRY, ...words(['shell', 'errors', 'workspace', 'photos', 'call']), DESK, key]]),
];

let over = false;
for (const [name, budget, keys] of SCREENS) {
  const files = new Set(keys.flatMap((key) => [...needs(key)]));
  const total = kilobytes([...files].reduce((sum, file) => sum + size(file), 0));
  over ||= total > budget;
  console.log(JSON.stringify({ name, brotli_kb: total, budget_kb: budget, ok: total <= budget }));
}

const worker = readFileSync(join(dist, 'sw.js'), 'utf8');
const kept = readdirSync(join(dist), { recursive: true }).filter((file) => !file.endsWith('.br') && worker.includes(`"${file}"`));
const precache = kilobytes(kept.reduce((sum, file) => sum + statSync(join(dist, file)).size, 0));
over ||= precache > 800;
console.log(JSON.stringify({ name: 'precache, plain', plain_kb: precache, budget_kb: 800, ok: precache <= 800 }));
process.exit(over ? 1 : 0);
