import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Connect, Plugin, PreviewServer, ViteDevServer } from 'vite';
import { adminRoutes } from './admin.ts';
import { correctionRoutes } from './corrections.ts';
import { factorRoutes } from './factors.ts';
import { Router } from './http.ts';
import { emergencyRoutes } from './emergencies.ts';
import { joinRoutes } from './join.ts';
import { noteRoutes } from './notes.ts';
import { outgoingRoutes } from './outgoing.ts';
import { patientRoutes } from './patients.ts';
import { peerRoutes } from './peers.ts';
import { photoRoutes } from './photos.ts';
import { qualityRoutes } from './quality.ts';
import { sessionRoutes } from './session.ts';
import { Sockets } from './sockets.ts';
import { visitRoutes } from './visits.ts';
import { newWorld } from './world.ts';

/** Serves docs/api.md from memory inside the development and the preview server (`npm run mock`). */
export function mockApi(): Plugin {
  const attach = (server: ViteDevServer | PreviewServer): void => {
    const { router, sockets } = newServer();
    server.middlewares.use(middleware(router));
    server.httpServer?.on('upgrade', (request: IncomingMessage, stream, head: Buffer) => {
      sockets.upgrade(request, stream, head);
    });
  };
  return {
    name: 'bianque:mock-api',
    configureServer: attach,
    configurePreviewServer: attach,
    transformIndexHtml(_, context) {
      // No media server stands behind the mock: the page itself plays the other side of a call.
      const src = context.server ? '/mock/loopback.ts' : null;
      return src ? [{ tag: 'script', attrs: { type: 'module', src }, injectTo: 'head-prepend' }] : [];
    },
  };
}

export function newServer(): { router: Router; sockets: Sockets } {
  const world = newWorld();
  const router = new Router();
  const sockets = new Sockets(world);
  sessionRoutes(router, world);
  factorRoutes(router, world);
  adminRoutes(router, world);
  patientRoutes(router, world);
  visitRoutes(router, world, sockets);
  noteRoutes(router, world, sockets);
  joinRoutes(router, world, sockets);
  photoRoutes(router, world, sockets);
  qualityRoutes(router, world);
  emergencyRoutes(router, world);
  outgoingRoutes(router, world);
  peerRoutes(router, world);
  correctionRoutes(router, world);
  return { router, sockets };
}

function middleware(router: Router): Connect.NextHandleFunction {
  return (request: IncomingMessage, response: ServerResponse, next) => {
    if (!request.url?.startsWith('/api/')) return next();
    void router.answer(request, response);
  };
}
