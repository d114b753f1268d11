import { type ReactElement, Suspense } from 'react';
import { Outlet } from 'react-router';
import { PageLoading } from '../design/surfaces';
import { TopBar } from './TopBar';

/** The frame of pages without an account: sign-in, and the whole of the patient's side. */
export function PlainLayout({ emergency }: { emergency?: boolean }): ReactElement {
  return (
    <>
      <TopBar emergency={emergency ?? false} />
      <Suspense fallback={<PageLoading />}>
        <Outlet />
      </Suspense>
    </>
  );
}
