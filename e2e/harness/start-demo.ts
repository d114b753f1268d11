import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { freePort } from './hospital.ts';
import type { Ready } from './ready.ts';

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;

/** Starts the demo on free ports with data of its own; what is returned ends it. */
export default async function startDemo(): Promise<() => Promise<void>> {
  // Browsers share this machine with the server, and what is tried here is not how many calls it can carry.
  process.env.BIANQUE_MEDIA_LATE_MS ??= '3000';
  const program = process.env.BIANQUE_BIN;
  if (!program) throw new Error('BIANQUE_BIN names no server: run `cargo xtask e2e`');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bianque-e2e-'));
  fs.mkdirSync('test-results', { recursive: true });
  const log = fs.openSync(path.join('test-results', 'server.log'), 'w');
  // A hospital's identity provider may lie there; nothing does until a test starts one.
  const hospital = await freePort();
  process.env.BIANQUE_HOSPITAL_PORT = String(hospital);
  const flags = [...listeners(), '--data', path.join(folder, 'data')];
  flags.push('--outbound-allow', `http://127.0.0.1:${hospital}`);
  const [command = program, ...words] = [...elsewhere(), program, 'demo', ...flags];
  const server = spawn(command, words, { stdio: ['ignore', 'pipe', log] });
  try {
    const ready = await readyLine(server);
    process.env.BIANQUE_READY = JSON.stringify(ready);
    process.env.BIANQUE_PID = String(server.pid);
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  }
  return async () => {
    await stop(server);
    fs.rmSync(folder, { recursive: true, force: true });
  };
}

/** A demo of a test's own, beside the one that all tests share; whoever starts it ends it. */
export async function startOwn(flags: string[]): Promise<{ server: ChildProcess; ready: Ready }> {
  const log = fs.openSync(path.join('test-results', 'server-own.log'), 'a');
  const [command, ...words] = [...elsewhere(), process.env.BIANQUE_BIN!, 'demo', ...flags];
  const server = spawn(command!, words, { stdio: ['ignore', 'pipe', log] });
  return { server, ready: await readyLine(server) };
}

/** Tells a server to stop, and waits until it has. */
export async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  server.kill('SIGTERM');
  const late = setTimeout(() => server.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(late);
}

/** On free ports of this machine, or at the usual ones of an address in another network. */
function listeners(): string[] {
  const address = process.env.BIANQUE_SERVER_ADDRESS;
  if (address) return ['--lan', address, '--public-url', `https://${address}:8080`];
  return ['--http', '127.0.0.1:0', '--media', '127.0.0.1:0', '--turn', '127.0.0.1:0', '--mllp', '127.0.0.1:0', '--hospital-ms', '0'];
}

/** What comes before the program when it runs in a network namespace. */
function elsewhere(): string[] {
  const namespace = process.env.BIANQUE_SERVER_NETNS;
  return namespace ? ['ip', 'netns', 'exec', namespace] : [];
}

function readyLine(server: ChildProcess): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error('the demo printed no ready line; see test-results/server.log')),
      READY_WITHIN_MS,
    );
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`the demo ended with ${code}; see test-results/server.log`)));
    readline.createInterface({ input: server.stdout! }).once('line', (line) => {
      clearTimeout(late);
      server.removeAllListeners('exit');
      try {
        resolve(JSON.parse(line) as Ready);
      } catch {
        reject(new Error(`the first line is no ready line: ${line}`));
      }
    });
  });
}
