// Drives real pages through a call and fails on the first thing that is not as it should be.
//   node drive.mjs http://127.0.0.1:8090 [/usr/bin/chromium]
// Needs playwright-core where node finds it.
import { chromium } from 'playwright-core';

const url = process.argv[2] ?? 'http://127.0.0.1:8090';
const executablePath = process.argv[3] ?? '/usr/bin/chromium';
const args = [
  '--no-sandbox',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  ...(process.env.NO_LOOPBACK ? [] : ['--allow-loopback-in-peer-connection']),
];
const browser = await chromium.launch({ executablePath, headless: true, args });
const pages = new Map();
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function enter(name, constraints) {
  const page = pages.get(name) ?? (await (await browser.newContext()).newPage());
  if (!pages.has(name)) page.on('pageerror', (error) => console.error(name, error.message));
  pages.set(name, page);
  await page.goto(url);
  await page.waitForFunction(() => window.join);
  await page.evaluate(([me, c]) => window.join('room', me, ...(c === undefined ? [] : [c])), [name, constraints]);
}

/** Frames and sound of each of the others, at one page. */
async function seen(name) {
  const list = await pages.get(name).evaluate(() => window.remotes());
  return Object.fromEntries(list.map((r) => [r.participant, r]));
}

async function until(what, limitMs, check) {
  const begun = Date.now();
  for (;;) {
    if (await check()) {
      console.log(`${what}: ${Date.now() - begun} ms`);
      return;
    }
    if (Date.now() - begun > limitMs) {
      for (const [name, page] of pages) {
        console.error(name, JSON.stringify(await seen(name)), JSON.stringify(await page.evaluate(() => window.states)));
      }
      console.error(`FAILED: ${what}`);
      await browser.close();
      process.exit(1);
    }
    await sleep(50);
  }
}

/** Frames and sound from each to each have grown since now. */
async function flows(names, { frames = 5, energy = 1e-6 } = {}) {
  const before = new Map();
  for (const a of names) before.set(a, await seen(a));
  return async () => {
    for (const a of names) {
      const now = await seen(a);
      for (const b of names.filter((n) => n !== a)) {
        const then = before.get(a)[b] ?? { frames_decoded: 0, audio_energy: 0 };
        if (!now[b]) return false;
        // A connection that was made anew counts from zero.
        const since = (key) => (now[b][key] < then[key] ? now[b][key] : now[b][key] - then[key]);
        if (since('frames_decoded') < frames || since('audio_energy') < energy) return false;
      }
    }
    return true;
  };
}

await enter('a');
await enter('b');
await until('two see and hear each other', 10_000, await flows(['a', 'b']));
await enter('c');
await enter('d');
await until('four see and hear each other', 15_000, await flows(['a', 'b', 'c', 'd']));

const reloaded = Date.now();
await enter('b');
await until('after a reload all flows', 5_000, await flows(['a', 'b', 'c', 'd']));
console.log(`reload to pictures both ways, page load and all: ${Date.now() - reloaded} ms`);

await pages.get('a').evaluate(async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
  const context = canvas.getContext('2d');
  let n = 0;
  window.painting = setInterval(() => {
    context.fillStyle = `hsl(${(n += 5) % 360} 80% 50%)`;
    context.fillRect(0, 0, 1280, 720);
    context.fillStyle = '#000';
    context.font = '96px sans-serif';
    context.fillText(`screen ${n}`, 100, 300);
  }, 66);
  await window.peer.shareScreen(canvas.captureStream(15).getVideoTracks()[0]);
});
const screens = () => [...document.querySelectorAll('video')].filter((v) => v.id.endsWith('-screen') && v.videoWidth > 0).length;
for (const name of ['b', 'c', 'd']) {
  await until(`${name} sees the screen`, 5_000, async () => (await pages.get(name).evaluate(screens)) === 1);
}
await until('and the cameras go on', 5_000, await flows(['a', 'b', 'c', 'd']));
await pages.get('a').evaluate(() => window.peer.stopScreen());
await until('the screen goes', 5_000, async () => !(await pages.get('b').evaluate(() => window.tracks.some((t) => t.source === 'screen'))));

const offers = await pages.get('b').evaluate(() => window.peer && window.tracks.length);
await pages.get('a').evaluate(() => window.peer.setCamera(null));
await sleep(700);
const dark = (await seen('b')).a.frames_decoded;
await sleep(700);
if ((await seen('b')).a.frames_decoded > dark + 2) throw new Error('frames come from a camera that is off');
await pages.get('a').evaluate(() => window.peer.setCamera(window.stream.getVideoTracks()[0]));
await until('the camera comes back', 3_000, async () => (await seen('b')).a.frames_decoded > dark + 5);
if ((await pages.get('b').evaluate(() => window.tracks.length)) !== offers) throw new Error('tracks changed');

await pages.get('a').evaluate(() => window.peer.restartIce());
await sleep(300);
await until('after an ICE restart all flows', 5_000, await flows(['a', 'b', 'c', 'd']));

await pages.get('b').evaluate(() => window.peer.rejoin());
await sleep(300);
await until('after joining again on the same page all flows', 5_000, await flows(['a', 'b', 'c', 'd']));

await enter('d', null);
await until('without camera and microphone one still sees and hears', 5_000, async () => {
  const others = await seen('d');
  return ['a', 'b', 'c'].every((n) => others[n]?.frames_decoded > 5 && others[n]?.audio_energy > 0);
});

await pages.get('c').evaluate(() => window.peer.close());
await until('who leaves is gone', 3_000, async () => !('c' in (await seen('a'))));
console.log(JSON.stringify((await pages.get('b').evaluate(() => window.peer.stats())).report));
await sleep(2000);
console.log(JSON.stringify((await pages.get('b').evaluate(() => window.peer.stats())).report));
await browser.close();
console.log('OK');
