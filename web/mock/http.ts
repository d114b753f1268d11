import type { IncomingMessage, ServerResponse } from 'node:http';

/** A refusal, as docs/api.md words it. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly extra: { field?: string; details?: Record<string, unknown>; headers?: Record<string, string> } = {},
  ) {
    super(code);
  }
}

export interface Call {
  request: IncomingMessage;
  method: string;
  path: string;
  query: URLSearchParams;
  /** What the pattern's `:name` parts matched. */
  at: Record<string, string>;
  cookies: Record<string, string>;
  bytes: Buffer;
  /** The body as JSON. */
  body<T>(): T;
}

/** JSON unless `raw` is given. */
export interface Answer {
  status?: number;
  json?: unknown;
  raw?: Buffer;
  headers?: Record<string, string | string[]>;
}

export type Handler = (call: Call) => Answer | Promise<Answer>;

interface Route {
  method: string;
  pattern: RegExp;
  names: string[];
  handler: Handler;
}

/** Routes in the order they were added; the first that fits answers. */
export class Router {
  #routes: Route[] = [];

  on(method: string, pattern: string, handler: Handler): void {
    const names: string[] = [];
    const source = pattern.replace(/:(\w+)/g, (_, name: string) => {
      names.push(name);
      return '([^/]+)';
    });
    this.#routes.push({ method, pattern: new RegExp(`^/api${source}$`), names, handler });
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer = await this.#find(await callOf(request));
      send(response, answer);
    } catch (failure) {
      send(response, refused(failure));
    }
  }

  async #find(call: Call): Promise<Answer> {
    for (const route of this.#routes) {
      const match = route.method === call.method && route.pattern.exec(call.path);
      if (!match) continue;
      route.names.forEach((name, index) => {
        call.at[name] = decodeURIComponent(match[index + 1] ?? '');
      });
      return route.handler(call);
    }
    throw new Refusal(404, 'route.unknown');
  }
}

async function callOf(request: IncomingMessage): Promise<Call> {
  const url = new URL(request.url ?? '/', 'http://mock');
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const bytes = Buffer.concat(parts);
  return {
    request,
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    at: {},
    cookies: cookiesOf(request),
    bytes,
    body<T>() {
      try {
        return JSON.parse(bytes.toString() || '{}') as T;
      } catch {
        throw new Refusal(400, 'body.invalid');
      }
    },
  };
}

export function cookiesOf(request: IncomingMessage): Record<string, string> {
  const pairs = (request.headers.cookie ?? '').split(/;\s*/).map((pair) => pair.split('='));
  return Object.fromEntries(pairs.map(([name, value]) => [name ?? '', decodeURIComponent(value ?? '')]));
}

function refused(failure: unknown): Answer {
  if (failure instanceof Refusal) {
    const { field, details, headers } = failure.extra;
    return {
      status: failure.status,
      json: { error: { code: failure.code, message: failure.code, field, details } },
      ...(headers && { headers }),
    };
  }
  console.error(failure);
  return { status: 500, json: { error: { code: 'mock.failed', message: String(failure) } } };
}

function send(response: ServerResponse, answer: Answer): void {
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (answer.raw) {
    response.statusCode = answer.status ?? 200;
    response.end(answer.raw);
    return;
  }
  if (answer.json === undefined) {
    response.statusCode = answer.status ?? 204;
    response.end();
    return;
  }
  response.statusCode = answer.status ?? 200;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(answer.json));
}
