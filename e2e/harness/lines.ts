import type { Page } from '@playwright/test';
import { eachSent } from './frames.ts';
import { atServer, inPhone } from './roaming.ts';

/** What the connections of the phone to the server's HTTPS port have carried, by the phone's port. */
export type Lines = Map<number, { up: number; down: number; packetsUp: number; packetsDown: number }>;

/** IP and TCP with timestamps, bytes of each packet. */
const HEADERS = 20 + 20 + 12;

export function linesOfPhone(): Lines {
  const [lines, words] = [new Map() as Lines, inPhone('ss', '-tinOH state established').split('\n')];
  for (const line of words) {
    const port = Number(/:(\d+)\s+\S+:8080\s/.exec(line)?.[1]);
    const count = (name: string): number => Number(new RegExp(`\\b${name}:(\\d+)`).exec(line)?.[1] ?? 0);
    if (!port) continue;
    lines.set(port, {
      up: count('bytes_sent'),
      down: count('bytes_received'),
      packetsUp: count('segs_out'),
      packetsDown: count('segs_in'),
    });
  }
  return lines;
}

/** What the busiest of them carried between two looks, in bits per ms: with TLS, and with all headers of TCP and IP. */
export function busiest(before: Lines, after: Lines, ms: number): { upKbps: number; downKbps: number } {
  const grown = [...after].map(([port, now]) => {
    const then = before.get(port) ?? { up: 0, down: 0, packetsUp: 0, packetsDown: 0 };
    return {
      up: now.up - then.up + (now.packetsUp - then.packetsUp) * HEADERS,
      down: now.down - then.down + (now.packetsDown - then.packetsDown) * HEADERS,
    };
  });
  const most = grown.sort((a, b) => b.up + b.down - a.up - a.down)[0] ?? { up: 0, down: 0 };
  return { upKbps: (most.up * 8) / ms, downKbps: (most.down * 8) / ms };
}

/** Leaves the phone nothing but HTTPS, of which so many of a hundred packets are lost each way, where they arrive. */
export function leaveHttps(percent: number): void {
  clearLines();
  for (const [run, to, from] of [[inPhone, 'sport', 'iifname air'], [atServer, 'dport', 'iifname air']] as const) {
    run('nft', 'add table inet phone');
    run('nft', 'add chain inet phone input { type filter hook input priority 0 ; }');
    run('nft', `add rule inet phone input ${from} meta l4proto udp drop`);
    run('nft', `add rule inet phone input ${from} tcp ${to} != 8080 drop`);
    if (percent > 0) run('nft', `add rule inet phone input ${from} numgen random mod 100 < ${percent} drop`);
  }
}

export function clearLines(): void {
  for (const run of [inPhone, atServer]) {
    run('nft', 'add table inet phone');
    run('nft', 'delete table inet phone');
  }
}

/** Opus and what was made up, as the page tells the server every five seconds. */
export interface Told {
  from: number;
  to: number;
  up: number;
  down: number;
  concealed: number;
  total: number;
}

/** Keeps what a page tells of its sound from now on. */
export function listenToStats(page: Page): Told[] {
  const told: Told[] = [];
  eachSent(page, (payload) => {
    if (typeof payload !== 'string' || !payload.startsWith('{"t":"stats"')) return;
    const { from, to, bytes_up, bytes_down, audio } = JSON.parse(payload);
    told.push({ from: Date.parse(from), to: Date.parse(to), up: bytes_up, down: bytes_down, concealed: audio.concealed, total: audio.total });
  });
  return told;
}
