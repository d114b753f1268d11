import type { ReactElement } from 'react';
import type { RouteObject } from 'react-router';
import { describe, expect, test } from 'vitest';
import { ROLES } from '../admin/roles';
import type { Role } from '../api/messages';
import { homeOf } from '../shell/homes';
import { pagesOf } from './Navigation';
import { SignedInLayout } from './SignedInLayout';
import { routes } from './routes';

/** Who is let in to a page; `null` where the page is not behind sign-in. */
function letIn(path: string): readonly Role[] | null {
  const frame = routes.find((route) => route.children?.some((child: RouteObject) => child.path === path));
  const element = frame?.element as ReactElement<{ roles?: readonly Role[] }> | undefined;
  return element?.type === SignedInLayout ? (element.props.roles ?? ROLES) : null;
}

describe.each(ROLES)('%s', (role) => {
  test('is let in where their day begins', () => {
    expect(letIn(homeOf(role))).toContain(role);
    expect(pagesOf(role)).toContain(homeOf(role));
  });
  test('is let in to every page that their navigation names', () => {
    for (const page of pagesOf(role)) expect(letIn(page), page).toContain(role);
  });
  test('has their own account', () => {
    expect(letIn('/account')).toContain(role);
  });
});
