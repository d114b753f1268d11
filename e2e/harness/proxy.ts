import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { demo } from './ready.ts';

/** A proxy such as stands in front of hospitals: it ends TLS, reads HTTP, and lets nothing else through. */
export interface Proxy {
  /** Where browsers find the server behind it. */
  url: string;
  close(): void;
}

const PORT = 8443;

/** Starts it at an address of its own, by which a packet filter tells it from browsers. */
export async function proxyAt(address: string): Promise<Proxy> {
  const tls = path.join(demo().data!, 'tls');
  const keys = { cert: fs.readFileSync(path.join(tls, 'own.crt')), key: fs.readFileSync(path.join(tls, 'own.key')) };
  const { hostname, port } = new URL(demo().http);
  const ask = (from: http.IncomingMessage): http.ClientRequest =>
    https.request({
      host: hostname,
      port,
      localAddress: address,
      rejectUnauthorized: false,
      agent: false,
      method: from.method!,
      path: from.url!,
      headers: from.headers,
    });
  const server = https.createServer(keys, (from, to) => {
    const upstream = ask(from);
    upstream.on('response', (answer) => {
      to.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(to);
    });
    upstream.on('error', () => to.destroy());
    from.pipe(upstream);
  });
  server.on('upgrade', (from: http.IncomingMessage, socket: Duplex, head: Buffer) => {
    const upstream = ask(from);
    upstream.on('upgrade', (answer, behind, first) => {
      const lines = [`HTTP/1.1 101 Switching Protocols`];
      for (const [name, value] of Object.entries(answer.headers)) lines.push(`${name}: ${String(value)}`);
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      socket.write(first);
      behind.write(head);
      behind.pipe(socket).pipe(behind);
      for (const end of [behind, socket]) end.on('error', () => void (behind.destroy(), socket.destroy()));
    });
    upstream.on('response', () => socket.destroy());
    upstream.on('error', () => socket.destroy());
    upstream.end();
  });
  await new Promise<void>((resolve) => server.listen(PORT, address, resolve));
  return {
    url: `https://${address}:${PORT}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
