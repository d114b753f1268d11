import type { Page, WebSocketRoute } from '@playwright/test';

/** Stands between a page and the server, on the socket of the visit. */
export interface Between {
  /** Says something to the page as the server would. */
  say(message: object): void;
  /** The `mid` of each picture that the server has told the page of. */
  pictures(): string[];
  /** From now on the page hears this in answer to each join of a call, and the server nothing of it; `null` lets all pass. */
  answerJoins(message: object | null): void;
}

/** Before the page is opened. */
export async function standBetween(page: Page): Promise<Between> {
  let answer: object | null = null;
  // A page that doubts its socket opens another beside it, and keeps whichever answers.
  const opened = new Set<WebSocketRoute>();
  let pictures: string[] = [];
  await page.routeWebSocket(/\/api\/visits\/[^/]+\/socket/, (socket) => {
    const server = socket.connectToServer();
    opened.add(socket);
    socket.onClose((code, reason) => {
      opened.delete(socket);
      void server.close({ code, reason });
    });
    socket.onMessage((text) => {
      if (answer && String(text).startsWith('{"t":"call.join"')) socket.send(JSON.stringify(answer));
      else server.send(text);
    });
    server.onMessage((text) => {
      const message = JSON.parse(String(text)) as { t: string; tracks?: { mid: string; kind: string }[] };
      if (message.t === 'call.tracks') pictures = message.tracks!.filter(({ kind }) => kind === 'video').map(({ mid }) => mid);
      socket.send(text);
    });
  });
  return {
    say: (message) => opened.forEach((socket) => socket.send(JSON.stringify(message))),
    pictures: () => pictures,
    answerJoins: (message) => void (answer = message),
  };
}
