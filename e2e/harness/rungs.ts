import type { BrowserContext, Page } from '@playwright/test';

/** How a browser reaches a call: TCP to the media port, or TURN inside a stream. */
export type Rung = 'tcp' | 'relay';

/**
 * Leaves a context one way only, as a network would that lets nothing else pass. The pages know nothing of it. Before
 * `watchMedia` nothing has touched `RTCPeerConnection`; what it made of it is wrapped once more.
 */
export async function leaveOnly(context: BrowserContext, rung: Rung): Promise<void> {
  await context.addInitScript((only) => {
    const Watched = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Watched {
      constructor(configuration?: RTCConfiguration) {
        super(only === 'relay' ? { ...configuration, iceTransportPolicy: 'relay' } : { ...configuration, iceServers: [] });
      }
      override setConfiguration(configuration?: RTCConfiguration): void {
        super.setConfiguration(
          only === 'relay' ? { ...configuration, iceTransportPolicy: 'relay' } : { ...configuration, iceServers: [] },
        );
      }
      override async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
        const { type } = description;
        const lines = (description.sdp ?? '').split('\r\n');
        const drop = (line: string): boolean => only === 'tcp' && /^a=candidate:\S+ \d udp /i.test(line);
        await super.setRemoteDescription({ type, sdp: lines.filter((line) => !drop(line)).join('\r\n') });
      }
    };
  }, rung);
}

/** The pair of candidates by which a call runs: what the page's own is, and where it goes to. */
export interface SelectedPair {
  protocol: string;
  kind: string;
  relayProtocol: string | null;
  /** The page's own port. */
  port: number;
  /** Address and port of the server. */
  to: string;
}

/** By what the page's call runs now; `null` while it does not. */
export function wayOf(page: Page): Promise<SelectedPair | null> {
  return page.evaluate(selectedPair);
}

/** The page's own UDP port. */
export async function portOf(page: Page): Promise<number> {
  const port = (await wayOf(page))?.port;
  if (!port) throw new Error('the page has no call');
  return port;
}

/** Runs in the page. Firefox has no `transport` entry and marks the pair itself. */
export async function selectedPair(): Promise<SelectedPair | null> {
  for (const peer of window.bianquePeers ?? []) {
    if (peer.connectionState !== 'connected') continue;
    const stats = await peer.getStats();
    const entries = new Map<string, Record<string, unknown>>();
    stats.forEach((entry: Record<string, unknown> & { id: string }) => entries.set(entry.id, entry));
    const transport = [...entries.values()].find((entry) => entry.type === 'transport');
    const marked = [...entries.values()].find((entry) => entry.type === 'candidate-pair' && entry.selected === true);
    const pair = entries.get(String(transport?.selectedCandidatePairId)) ?? marked;
    const local = entries.get(String(pair?.localCandidateId));
    const remote = entries.get(String(pair?.remoteCandidateId));
    if (!local || !remote) continue;
    const host = String(remote.address);
    return {
      protocol: String(local.protocol),
      kind: String(local.candidateType),
      relayProtocol: local.relayProtocol === undefined ? null : String(local.relayProtocol),
      port: Number(local.port),
      to: `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${String(remote.port)}`,
    };
  }
  return null;
}
