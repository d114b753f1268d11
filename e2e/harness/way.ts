import dgram from 'node:dgram';
import type { BrowserContext } from '@playwright/test';

/** The way of one person's UDP to the media port, which can be cut and mended. */
export interface Way {
  cut(): void;
  mend(): void;
  close(): void;
}

/** Leads the UDP of this context's pages over a way of its own: the address that the server tells is exchanged. */
export async function wayOf(context: BrowserContext, media: string): Promise<Way> {
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
    ({ told, way }) => {
      const original = RTCPeerConnection.prototype.setRemoteDescription;
      RTCPeerConnection.prototype.setRemoteDescription = function (description: RTCSessionDescriptionInit) {
        return Reflect.apply(original, this, [{ ...description, sdp: description.sdp?.replaceAll(told, way) ?? '' }]) as Promise<void>;
      };
    },
    { told: ` ${host} ${port} `, way: ` ${host} ${near.address().port} ` },
  );
  return {
    cut: () => void (whole = false),
    mend: () => void (whole = true),
    close: () => [near, ...far.values()].forEach((socket) => socket.close()),
  };
}
