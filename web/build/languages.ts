import type { Plugin } from 'vite';

const SPOKEN = /\/(en-US|zh-CN)\.mjs$/;
const STRINGS = /\/node_modules\/(react-aria|react-aria-components|react-stately|@react-aria\/[^/]+)\/.*\/[a-z]{2}-[A-Z]{2}\.mjs$/;

/** The components bring their few words in thirty languages; those that the application does not speak become English. */
export function onlyOurLanguages(): Plugin {
  return {
    name: 'bianque:languages',
    apply: 'build',
    enforce: 'pre',
    load(id) {
      if (!STRINGS.test(id) || SPOKEN.test(id)) return null;
      return "export { default } from './en-US.mjs';";
    },
  };
}
