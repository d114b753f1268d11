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

/** The UDP port by which the page's call runs. */
export async function portOf(page: Page): Promise<number> {
  return page.evaluate(async () => {
    for (const peer of window.bianquePeers ?? []) {
      if (peer.connectionState !== 'connected') continue;
      const entries = new Map<string, Record<string, unknown>>();
      (await peer.getStats()).forEach((entry: Record<string, unknown> & { id: string }) => entries.set(entry.id, entry));
      const transport = [...entries.values()].find((entry) => entry.type === 'transport');
      const pair = entries.get(String(transport?.selectedCandidatePairId));
      const port = Number(entries.get(String(pair?.localCandidateId))?.port);
      if (port) return port;
    }
    throw new Error('the page has no call');
  });
}

/** What a page hears and sees. */
export interface Reception {
  /** Samples of sound that were played, and those of them that had to be made up. */
  samples: number;
  concealed: number;
  /** The picture that came in last: its shorter side, px, and how many there were. */
  side: number;
  frames: number;
}

export function reception(page: Page): Promise<Reception> {
  return page.evaluate(async () => {
    const sum = { samples: 0, concealed: 0, side: 0, frames: 0 };
    for (const peer of window.bianquePeers ?? []) {
      if (peer.connectionState === 'closed') continue;
      (await peer.getStats()).forEach((entry) => {
        if (entry.type !== 'inbound-rtp') return;
        sum.samples += entry.totalSamplesReceived ?? 0;
        sum.concealed += entry.concealedSamples ?? 0;
        sum.side = Math.max(sum.side, Math.min(entry.frameWidth ?? 0, entry.frameHeight ?? 0));
        sum.frames += entry.framesDecoded ?? 0;
      });
    }
    return sum;
  });
}
