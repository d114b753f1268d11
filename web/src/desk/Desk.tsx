import type { ReactElement } from 'react';
import { useRoutes } from 'react-router';
import { routes } from './routes';

/** All of the application that does not begin with a link. */
export default function Desk(): ReactElement | null {
  return useRoutes(routes);
}
