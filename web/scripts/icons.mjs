// Draws the PNG icons of the installed application from the mark, with a headless Chromium (CHROMIUM, /usr/bin/chromium).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
const icons = join(dirname(fileURLToPath(import.meta.url)), '../public/icons');
// On the accent the gourd is white and its pulse takes the accent.
const mark = readFileSync(join(icons, 'mark.svg'), 'utf8').replaceAll('#fff', '#keep').replaceAll('#0b6b62', '#fff').replaceAll('#keep', '#0b6b62');

/** `part`: the mark's share of the side; `radius`: of the tile's corners, in parts of the side. */
function draw(name, side, part, radius) {
  const folder = mkdtempSync(join(tmpdir(), 'icons-'));
  const page = join(folder, 'icon.html');
  writeFileSync(
    page,
    `<style>body{margin:0}div{width:${side}px;height:${side}px;background:#0b6b62;border-radius:${side * radius}px;display:grid;place-items:center}svg{width:${side * part}px}</style><div>${mark}</div>`,
  );
  execFileSync(chromium, [
    '--headless=new', '--no-sandbox', '--hide-scrollbars', '--default-background-color=00000000',
    `--window-size=${side},${side}`, `--screenshot=${join(icons, name)}`, `file://${page}`,
  ], { stdio: 'ignore' });
}

draw('icon-192.png', 192, 0.74, 0.22);
draw('icon-512.png', 512, 0.74, 0.22);
draw('icon-maskable-512.png', 512, 0.58, 0);
