/**
 * Trusted Types: where a browser has them, text becomes markup or a script only through a policy, and the server's
 * Content-Security-Policy allows this one. It lets through the two texts that this application needs: nothing, with
 * which React Aria empties what it has announced, and the address of the service worker.
 */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: {
      createHTML: (text: string) => string | null;
      createScriptURL: (text: string) => string | null;
    },
  ): unknown;
}

const only = (allowed: string) => (text: string) => (text === allowed ? text : null);

(window as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('default', {
  createHTML: only(''),
  createScriptURL: only('/sw.js'),
});
