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

/** The protocol and the kind of a page's own candidate. */
export interface OwnEnd {
  protocol: string;
  kind: string;
  relayProtocol: string | null;
}

/** By what the page's call runs now. */
export function wayOf(page: Page): Promise<OwnEnd | null> {
  return page.evaluate(ownEnd);
}

/** Runs in the page. Firefox has no `transport` entry and marks the pair itself. */
export async function ownEnd(): Promise<OwnEnd | null> {
  for (const peer of window.bianquePeers ?? []) {
    if (peer.connectionState !== 'connected') continue;
    const stats = await peer.getStats();
    const entries = new Map<string, Record<string, unknown>>();
    stats.forEach((entry: Record<string, unknown> & { id: string }) => entries.set(entry.id, entry));
    const transport = [...entries.values()].find((entry) => entry.type === 'transport');
    const marked = [...entries.values()].find((entry) => entry.type === 'candidate-pair' && entry.selected === true);
    const pair = entries.get(String(transport?.selectedCandidatePairId)) ?? marked;
    const local = entries.get(String(pair?.localCandidateId));
    if (!local) continue;
    return {
      protocol: String(local.protocol),
      kind: String(local.candidateType),
      relayProtocol: local.relayProtocol === undefined ? null : String(local.relayProtocol),
    };
  }
  return null;
}
