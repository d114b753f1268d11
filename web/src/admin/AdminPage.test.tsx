import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { renderToStaticMarkup } from 'react-dom/server';
import { MemoryRouter } from 'react-router';
import { describe, expect, test } from 'vitest';
import type { SessionAnswer } from '../api/messages';
import AdminPage from './AdminPage';

function shown(first_tenant: boolean): string {
  const queries = new QueryClient();
  queries.setQueryData(['session'], { session: { first_tenant } } as SessionAnswer);
  return renderToStaticMarkup(
    <QueryClientProvider client={queries}>
      <MemoryRouter initialEntries={['/admin/users']}>
        <AdminPage />
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

describe('what is about the machine', () => {
  test('is a part of administration for the first tenant', () => {
    for (const part of ['health', 'keys']) expect(shown(true)).toContain(`href="/admin/${part}"`);
  });
  test('is no part of it for another', () => {
    expect(shown(false)).toContain('href="/admin/users"');
    for (const part of ['health', 'keys']) expect(shown(false)).not.toContain(`href="/admin/${part}"`);
  });
});
