import type { ComponentType } from 'react';
import type { RouteObject } from 'react-router';
import { Loading } from '../design/surfaces';
import { PlainLayout } from '../shell/PlainLayout';
import { pagesIn } from '../shell/pages';
import { SignedInLayout } from './SignedInLayout';

const page = pagesIn(
  import.meta.glob<{ default: ComponentType }>([
    '../account/**/*Page.tsx',
    '../workspace/**/*Page.tsx',
    '../admin/**/*Page.tsx',
    '../quality/**/*Page.tsx',
    '../applications/**/*Page.tsx',
    '../shell/NotFound.tsx',
  ]),
  '..',
);

/** Addresses of those who have an account or are about to sign in, of the consultant, and whatever is no address at all. */
export const routes: RouteObject[] = [
  // Without an account
  {
    element: <PlainLayout />,
    children: [
      { path: '/sign-in', element: page('account/SignInPage') },
      { path: '/sign-in/provider', element: page('account/ProviderPage') },
      { path: '/setup/:token?', element: page('account/SetUpPage') },
      { path: '/password/:token', element: page('account/PasswordPage') },
    ],
  },

  // An invited consultant
  { path: '/v/:visit/consult', element: page('workspace/consult/ConsultPage') },

  // The day, of those who hold visits and of those who arrange them
  {
    element: <SignedInLayout roles={['clinician', 'front-desk']} />,
    children: [
      {
        path: '/work',
        element: page('workspace/WorkPage'),
        children: [
          { index: true, element: page('workspace/DayPage') },
          { path: 'visits/:visit', element: page('workspace/visit/VisitPage') },
        ],
      },
    ],
  },

  // Records, and questions about them
  {
    element: <SignedInLayout roles={['clinician', 'specialist', 'reporter', 'front-desk']} />,
    children: [{ path: '/patients', element: page('workspace/patients/PatientsPage') }],
  },
  {
    element: <SignedInLayout roles={['front-desk']} />,
    children: [{ path: '/identity', element: page('workspace/identity/IdentityPage') }],
  },
  {
    element: <SignedInLayout roles={['clinician', 'specialist', 'reporter']} />,
    children: [
      { path: '/patients/:patient', element: page('workspace/patients/PatientPage') },
      { path: '/corrections', element: page('workspace/corrections/CorrectionsPage') },
    ],
  },
  {
    element: <SignedInLayout roles={['clinician', 'specialist']} />,
    children: [
      { path: '/consults', element: page('workspace/consult/ConsultsPage') },
      { path: '/consults/:visit', element: page('workspace/consult/AskedPage') },
    ],
  },

  // Supervision
  {
    element: <SignedInLayout roles={['clinician', 'supervisor', 'administrator']} />,
    children: [{ path: '/quality', element: page('quality/QualityPage') }],
  },
  {
    element: <SignedInLayout roles={['supervisor']} />,
    children: [
      { path: '/quality/visits/:visit', element: page('quality/VisitQualityPage') },
      { path: '/emergencies', element: page('quality/EmergenciesPage') },
    ],
  },

  // Whom programs may ask
  {
    element: <SignedInLayout roles={['clinician', 'specialist', 'reporter', 'administrator']} />,
    children: [{ path: '/authorize', element: page('applications/AuthorizePage') }],
  },

  // Every role
  {
    element: <SignedInLayout />,
    children: [{ path: '/account', element: page('account/AccountPage') }],
  },

  // The administrator's pages
  {
    element: <SignedInLayout roles={['administrator']} />,
    children: [
      {
        path: '/admin',
        element: page('admin/AdminPage'),
        children: [
          { path: 'users', element: page('admin/UsersPage', <Loading />) },
          { path: 'organizations', element: page('admin/OrganizationsPage', <Loading />) },
          { path: 'schedules', element: page('admin/SchedulesPage', <Loading />) },
          { path: 'prices', element: page('admin/PricesPage', <Loading />) },
          { path: 'sign-in', element: page('admin/SignInRulesPage', <Loading />) },
          { path: 'identity-providers', element: page('admin/ProvidersPage', <Loading />) },
          { path: 'emergencies', element: page('admin/EmergenciesPage', <Loading />) },
          { path: 'applications', element: page('admin/ApplicationsPage', <Loading />) },
          { path: 'messages', element: page('admin/messages/MessagesPage', <Loading />) },
          { path: 'messages/senders', element: page('admin/messages/SendersPage', <Loading />) },
          { path: 'messages/outgoing', element: page('admin/messages/outgoing/OutgoingPage', <Loading />) },
          { path: 'messages/outgoing/:message', element: page('admin/messages/outgoing/OutgoingMessagePage', <Loading />) },
          { path: 'messages/destinations', element: page('admin/messages/outgoing/DestinationsPage', <Loading />) },
          { path: 'messages/:message', element: page('admin/messages/MessagePage', <Loading />) },
          { path: 'peers', element: page('admin/dicom/PeersPage', <Loading />) },
          { path: 'consents', element: page('admin/consents/ConsentsPage', <Loading />) },
          { path: 'audit', element: page('admin/audit/AuditPage', <Loading />) },
          { path: 'retention', element: page('admin/retention/RetentionPage', <Loading />) },
          { path: 'keys', element: page('admin/keys/KeysPage', <Loading />) },
          { path: 'health', element: page('admin/health/HealthPage', <Loading />) },
        ],
      },
    ],
  },

  { element: <PlainLayout />, children: [{ path: '*', element: page('shell/NotFound') }] },
];
