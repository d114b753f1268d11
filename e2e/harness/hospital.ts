import http from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';

/** A hospital's identity provider, by others' software, on loopback. */
export interface Hospital {
  issuer: string;
  /** The groups of everybody from now on. */
  groups: string[];
  /** Tells this address from now on whenever somebody signs out. */
  tells(address: string): Promise<void>;
  stop(): Promise<void>;
}

export const CLIENT = { id: 'bianque', secret: 'a secret: that has signs' };

/** Starts it on a port that `bianque demo` was told of, for a server at this address. Any login and password are right. */
export async function startHospital(port: number, home: string): Promise<Hospital> {
  const issuer = `http://127.0.0.1:${port}`;
  const hospital: Hospital = { issuer, groups: ['doctors'], tells: async () => undefined, stop: async () => undefined };
  const configuration: Configuration = {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [`${home}/sign-in/provider`],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        post_logout_redirect_uris: [`${home}/sign-in`],
        // The address holds the name that the server gives to the provider, and is told later.
        backchannel_logout_uri: `${home}/not-told-yet`,
        backchannel_logout_session_required: true,
      },
    ],
    claims: { openid: ['sub', 'groups'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({ sub, groups: hospital.groups, name: `Dr. ${sub}`, preferred_username: sub }),
    }),
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      backchannelLogout: { enabled: true },
    },
    // It guards against addresses on loopback, where this test's server is.
    fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined } as RequestInit),
    cookies: { keys: ['for a test'] },
  };
  const provider = new Provider(issuer, configuration);
  const server = http.createServer(provider.callback());
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  hospital.tells = async (address) => {
    Object.assign((await provider.Client.find(CLIENT.id))!, { backchannelLogoutUri: address });
  };
  hospital.stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return hospital;
}

/** A port of loopback that is free. */
export async function freePort(): Promise<number> {
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
