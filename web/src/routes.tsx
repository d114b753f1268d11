import type { ComponentType } from 'react';
import type { RouteObject } from 'react-router';
import { PlainLayout } from './shell/PlainLayout';
import { pagesIn } from './shell/pages';

const page = pagesIn(
  import.meta.glob<{ default: ComponentType }>(['./patient/**/*Page.tsx', './people/**/*Page.tsx', './shell/Home.tsx', './desk/Desk.tsx']),
  '.',
);

/** Addresses of those who come by a link. All others are those of the desk, which a patient's phone does not fetch. */
export const routes: RouteObject[] = [
  { path: '/', element: page('shell/Home') },

  // The patient's way
  {
    element: <PlainLayout emergency />,
    children: [
      { path: '/j/:token', element: page('patient/JoinPage') },
      {
        path: '/v/:visit',
        element: page('patient/VisitPage'),
        children: [
          { path: 'device', element: page('patient/DevicePage') },
          { path: 'consent', element: page('patient/ConsentPage') },
          { path: 'intake/:question?', element: page('patient/IntakePage') },
          { path: 'waiting', element: page('patient/WaitingPage') },
          { path: 'plan', element: page('patient/PlanPage') },
          { path: 'accesses', element: page('patient/AccessesPage') },
        ],
      },
    ],
  },
  {
    path: '/v/:visit/call',
    element: page('patient/VisitPage'),
    children: [{ index: true, element: page('patient/CallPage') }],
  },
  { path: '/v/:visit/guest', element: page('people/GuestPage') },

  { path: '*', element: page('desk/Desk') },
];
