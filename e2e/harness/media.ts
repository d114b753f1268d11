import { expect, type BrowserContext, type Page } from '@playwright/test';

/** What a page has received over all of its peer connections, summed. */
export interface Received {
  connected: boolean;
  framesDecoded: number;
  /** `totalAudioEnergy`, in units of its standard: it grows while something is heard. */
  audioEnergy: number;
  bytes: number;
}

declare global {
  interface Window {
    bianquePeers?: RTCPeerConnection[];
  }
}

/** Lets `received` see the peer connections that pages of this context will make. */
export async function watchMedia(context: BrowserContext): Promise<void> {
  await context.addInitScript(keepPeers);
}

/** Runs in the page, before anything of its own. */
export function keepPeers(): void {
  const peers: RTCPeerConnection[] = [];
  window.bianquePeers = peers;
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      peers.push(this);
    }
  };
}

/** What has been received so far. */
export function received(page: Page): Promise<Received> {
  return page.evaluate(sumReceived);
}

/** Runs in the page. */
export async function sumReceived(): Promise<Received> {
  const sum = { connected: false, framesDecoded: 0, audioEnergy: 0, bytes: 0 };
  for (const peer of window.bianquePeers ?? []) {
    if (peer.connectionState === 'closed') continue;
    sum.connected ||= peer.connectionState === 'connected';
    (await peer.getStats()).forEach((entry) => {
      if (entry.type !== 'inbound-rtp') return;
      sum.framesDecoded += entry.framesDecoded ?? 0;
      sum.audioEnergy += entry.totalAudioEnergy ?? 0;
      sum.bytes += entry.bytesReceived ?? 0;
    });
  }
  return sum;
}

/** Waits until pictures and sound keep coming in: more than there was when it was asked, by this many frames. */
export async function expectSeesAndHears(page: Page, withinMs = 30_000, frames = 6): Promise<void> {
  const before = await received(page);
  try {
    await expect
      .poll(async () => {
        const now = await received(page);
        return {
          connected: now.connected,
          sees: now.framesDecoded >= before.framesDecoded + frames,
          hears: now.audioEnergy > before.audioEnergy,
        };
      }, { timeout: withinMs, message: 'pictures and sound' })
      .toEqual({ connected: true, sees: true, hears: true });
  } catch (error) {
    console.log(`what came in: ${JSON.stringify(await inbound(page))}`);
    throw error;
  }
}

/** What the page's statistics say of all that comes in, to be read when it was not enough. */
function inbound(page: Page): Promise<unknown[]> {
  return page.evaluate(async () => {
    const entries: unknown[] = [];
    for (const peer of window.bianquePeers ?? []) {
      (await peer.getStats()).forEach((entry) => {
        if (entry.type !== 'inbound-rtp') return;
        const { kind, mid, packetsReceived, packetsLost, framesReceived, framesDecoded, framesDropped, keyFramesDecoded } = entry;
        const { pliCount, nackCount, freezeCount, jitterBufferDelay, jitterBufferEmittedCount, totalAudioEnergy } = entry;
        const state = peer.connectionState;
        entries.push({
          state, kind, mid, packetsReceived, packetsLost, framesReceived, framesDecoded, framesDropped, keyFramesDecoded,
          pliCount, nackCount, freezeCount, jitterBufferDelay, jitterBufferEmittedCount, totalAudioEnergy,
        });
      });
    }
    return entries;
  });
}
