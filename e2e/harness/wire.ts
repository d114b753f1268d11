import dgram from 'node:dgram';
import type { BrowserContext } from '@playwright/test';

/** The way of one person's UDP to the media port, which can be cut and mended. */
export interface Wire {
  cut(): void;
  mend(): void;
  close(): void;
}

/**
 * Leads the UDP of this context's pages over a wire of its own: the address that the server tells is exchanged. Nothing
 * else leads to the call: TCP finds nobody at that address, and relays are not told.
 */
export async function wireOf(context: BrowserContext, media: string): Promise<Wire> {
  const [host, port] = media.split(':') as [string, string];
  const near = dgram.createSocket('udp4');
  const far = new Map<number, dgram.Socket>();
  let whole = true;
  near.on('message', (datagram, from) => {
    if (!whole) return;
    let out = far.get(from.port);
    if (!out) {
      out = dgram.createSocket('udp4');
      out.on('message', (answer) => {
        if (whole) near.send(answer, from.port, from.address);
      });
      far.set(from.port, out);
    }
    out.send(datagram, Number(port), host);
  });
  await new Promise<void>((ready) => near.bind(0, host, ready));
  await context.addInitScript(
    ({ told, wire }) => {
      const Watched = window.RTCPeerConnection;
      window.RTCPeerConnection = class extends Watched {
        constructor(configuration?: RTCConfiguration) {
          super({ ...configuration, iceServers: [] });
        }
        override setConfiguration(configuration?: RTCConfiguration): void {
          super.setConfiguration({ ...configuration, iceServers: [] });
        }
        override async setRemoteDescription({ type, sdp }: RTCSessionDescriptionInit): Promise<void> {
          await super.setRemoteDescription({ type, sdp: sdp?.replaceAll(told, wire) ?? '' });
        }
      };
    },
    { told: ` ${host} ${port} `, wire: ` ${host} ${near.address().port} ` },
  );
  return {
    cut: () => void (whole = false),
    mend: () => void (whole = true),
    close: () => [near, ...far.values()].forEach((socket) => socket.close()),
  };
}
