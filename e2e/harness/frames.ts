import type { Page } from '@playwright/test';

/** What a socket carried, and the path that it was opened at. */
type Take = (payload: string | Buffer, path: string) => void;

/** Hands over each frame that sockets of this page send, of those that it opens from now on. */
export function eachSent(page: Page, take: Take): void {
  page.on('websocket', (socket) => {
    const { pathname } = new URL(socket.url());
    socket.on('framesent', ({ payload }) => take(payload, pathname));
  });
}

/** The same of each frame that they receive. */
export function eachReceived(page: Page, take: Take): void {
  page.on('websocket', (socket) => {
    const { pathname } = new URL(socket.url());
    socket.on('framereceived', ({ payload }) => take(payload, pathname));
  });
}
