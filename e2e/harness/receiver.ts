import net from 'node:net';
import { Server } from 'node-hl7-server';

/** A system of a hospital that listens for HL7 v2: node-hl7-server, which others wrote. */
export interface Receiver {
  port: number;
  /** The messages that came so far, each by its segments. */
  came: string[][];
  /** Messages that say this are refused. */
  refuses: string | null;
  close(): Promise<void>;
}

export async function receiver(): Promise<Receiver> {
  const port = await freePort();
  const server = new Server({ bindAddress: '127.0.0.1' });
  const state: Receiver = { port, came: [], refuses: null, close: async () => void (await inbound.close()) };
  const inbound = server.createInbound({ port }, async (request, response) => {
    const text = request.getMessage().toString();
    state.came.push(text.split('\r').filter(Boolean));
    await response.sendResponse(state.refuses !== null && text.includes(state.refuses) ? 'AR' : 'AA');
  });
  return state;
}

/** The kinds of what came, such as `ADT^A04`. */
export function kinds({ came }: Receiver): string[] {
  return came.map((segments) => segments[0]!.split('|')[8]!.split('^').slice(0, 2).join('^'));
}

/** A field of the last message of a kind, as it stands in it. */
export function field(from: Receiver, kind: string, segment: string, number: number): string {
  const message = from.came.findLast((segments) => segments[0]!.includes(`|${kind}^`));
  const line = message?.find((one) => one.startsWith(`${segment}|`));
  return line?.split('|')[number] ?? '';
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
