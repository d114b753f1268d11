import { execFileSync } from 'node:child_process';
import type { Page } from '@playwright/test';

/**
 * What the network carries of one client's call, both ways. It is told by the client's port, so that the others at the same
 * cable are not concerned. Only in a namespace.
 */
export const squeeze = {
  /** So many kilobits per second, with a queue of 400 ms before what comes is dropped. */
  to(port: number, kbps: number): void {
    squeeze.clear();
    for (const end of ends()) {
      const queueBytes = Math.round((kbps * 1000 * 0.4) / 8);
      end.run('tc', 'qdisc add dev cable root handle 1: htb');
      end.run('tc', `class add dev cable parent 1: classid 1:10 htb rate ${kbps}kbit ceil ${kbps}kbit burst 2kb cburst 2kb`);
      end.run('tc', `qdisc add dev cable parent 1:10 handle 10: bfifo limit ${queueBytes}`);
      end.rule('output', `udp ${end.side} ${port} meta priority set 1:10`);
    }
  },
  /** Every so many of a hundred packets is lost, at random. */
  lose(port: number, percent: number): void {
    squeeze.clear();
    for (const end of ends()) end.rule('output', `udp ${end.side} ${port} numgen random mod 100 < ${percent} drop`);
  },
  /**
   * So many of a hundred packets are lost, in bursts of so many in the middle: a chain of two states (Gilbert 1960), of which
   * the present one is kept in the mark of the flow. Lost where they arrive, for who sends is not told of it.
   */
  burst(port: number, percent: number, length: number): void {
    squeeze.clear();
    const leave = Math.round(1000 / length);
    const enter = Math.round((leave * percent) / (100 - percent));
    for (const end of ends()) {
      const flow = `udp ${end.side === 'dport' ? 'sport' : 'dport'} ${port}`;
      end.rule('input', `${flow} ct mark 1 numgen random mod 1000 < ${leave} ct mark set 0 accept`);
      end.rule('input', `${flow} ct mark 0 numgen random mod 1000 < ${enter} ct mark set 1`);
      end.rule('input', `${flow} ct mark 1 drop`);
    }
  },
  /** Nothing passes any more, as when a router has forgotten the flow; another flow does. */
  cut(port: number): void {
    squeeze.clear();
    for (const end of ends()) end.rule('input', `udp ${end.side === 'dport' ? 'sport' : 'dport'} ${port} drop`);
  },
  /** Everything passes. */
  clear(): void {
    for (const end of ends()) {
      end.run('nft', 'add table inet squeeze');
      end.run('nft', 'delete table inet squeeze');
      try {
        end.run('tc', 'qdisc del dev cable root');
      } catch {
        // There was none.
      }
    }
  },
};

interface End {
  side: 'dport' | 'sport';
  run(program: string, words: string): void;
  rule(hook: string, rule: string): void;
}

/** The server's end, from which packets go to the client's port, and the client's. */
function ends(): End[] {
  const server = process.env.BIANQUE_SERVER_NETNS;
  if (!server) throw new Error('only in a namespace: run `cargo xtask network`');
  const end = (side: End['side'], prefix: string[]): End => {
    const run = (program: string, words: string): void => {
      const [first = program, ...rest] = [...prefix, program, ...words.split(' ')];
      execFileSync(first, rest, { stdio: 'pipe' });
    };
    const rule = (hook: string, words: string): void => {
      run('nft', 'add table inet squeeze');
      run('nft', `add chain inet squeeze ${hook} { type filter hook ${hook} priority 0 ; }`);
      run('nft', `add rule inet squeeze ${hook} ${words}`);
    };
    return { side, run, rule };
  };
  return [end('dport', ['ip', 'netns', 'exec', server]), end('sport', [])];
}

/** What a page hears and sees. */
export interface Reception {
  /** Samples of sound that were played, and those of them that had to be made up. */
  samples: number;
  concealed: number;
  /** The picture that came in last: its shorter side, px, and how many there were. */
  side: number;
  frames: number;
  /** Packets of sound that came, and those that did not. */
  packets: number;
  lost: number;
  /** How often a picture stood still, and how long, s. */
  freezes: number;
  frozenSeconds: number;
}

export async function reception(page: Page): Promise<Reception> {
  return sumOf((await lines(page)).values());
}

/** What the page got while something happened; `side` is that at the end. A line that is given up takes its counts with it. */
export async function receptionDuring(page: Page, happens: () => Promise<void>): Promise<Reception> {
  const grown: Reception[] = [];
  let [before, going] = [await lines(page), true];
  const look = async (): Promise<void> => {
    const now = await lines(page);
    for (const [id, counts] of now) grown.push(difference(counts, before.get(id)));
    before = now;
  };
  const looking = (async () => {
    for (; going; await new Promise((resolve) => setTimeout(resolve, 500))) await look();
  })();
  await happens();
  going = false;
  await looking;
  await look();
  return { ...sumOf(grown), side: (await reception(page)).side };
}

function difference(now: Reception, before: Reception | undefined): Reception {
  const names = Object.keys(now) as (keyof Reception)[];
  return Object.fromEntries(names.map((name) => [name, now[name] - (before?.[name] ?? 0)])) as unknown as Reception;
}

function sumOf(all: Iterable<Reception>): Reception {
  const sum = { samples: 0, concealed: 0, side: 0, frames: 0, packets: 0, lost: 0, freezes: 0, frozenSeconds: 0 };
  for (const one of all) {
    for (const name of Object.keys(sum) as (keyof Reception)[]) {
      sum[name] = name === 'side' ? Math.max(sum.side, one.side) : sum[name] + one[name];
    }
  }
  return sum;
}

/** The same of each line. */
async function lines(page: Page): Promise<Map<string, Reception>> {
  const entries = await page.evaluate(async () => {
    const found: [string, Reception][] = [];
    for (const [index, peer] of (window.bianquePeers ?? []).entries()) {
      if (peer.connectionState === 'closed') continue;
      (await peer.getStats()).forEach((entry) => {
        if (entry.type !== 'inbound-rtp') return;
        const sound = entry.kind === 'audio';
        found.push([
          `${index} ${entry.id}`,
          {
            samples: entry.totalSamplesReceived ?? 0,
            concealed: entry.concealedSamples ?? 0,
            side: Math.min(entry.frameWidth ?? 0, entry.frameHeight ?? 0),
            frames: entry.framesDecoded ?? 0,
            packets: sound ? (entry.packetsReceived ?? 0) : 0,
            lost: sound ? (entry.packetsLost ?? 0) : 0,
            freezes: entry.freezeCount ?? 0,
            frozenSeconds: entry.totalFreezesDuration ?? 0,
          },
        ]);
      });
    }
    return found;
  });
  return new Map(entries);
}
