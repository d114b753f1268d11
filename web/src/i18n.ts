import i18n, { type BackendModule } from 'i18next';
import { initReactI18next } from 'react-i18next';

export const LANGUAGES = { en: 'English', 'zh-CN': '简体中文' } as const;
export type Language = keyof typeof LANGUAGES;

const STORED = 'bianque.language';
/** One small file per language and namespace, fetched when a screen first asks for it. */
const FILES = import.meta.glob<Record<string, unknown>>('./locales/*/*.json', { import: 'default' });

const lazyFiles: BackendModule = {
  type: 'backend',
  init() {},
  read(language, namespace, done) {
    const load = FILES[`./locales/${language}/${namespace}.json`];
    if (!load) return done(new Error(`no words for ${language}/${namespace}`), null);
    load().then(
      (words) => done(null, words as never),
      (cause: unknown) => done(cause as Error, null),
    );
  },
};

/** The language asked for by `?lang=`, else chosen before, else the browser's. */
export function firstLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem(STORED) ?? navigator.language;
  return asked.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
}

export function changeLanguage(language: Language): void {
  localStorage.setItem(STORED, language);
  void i18n.changeLanguage(language);
}

export function currentLanguage(): Language {
  return i18n.language === 'zh-CN' ? 'zh-CN' : 'en';
}

/** The name of a catalogue thing in the reader's language. */
export function nameIn(names: { en: string; zh: string }): string {
  return currentLanguage() === 'zh-CN' ? names.zh : names.en;
}

function tellDocument(language: string): void {
  document.documentElement.lang = language;
  document.documentElement.dir = i18n.dir(language);
}

void i18n
  .use(lazyFiles)
  .use(initReactI18next)
  .init({
    lng: firstLanguage(),
    fallbackLng: 'en',
    supportedLngs: Object.keys(LANGUAGES),
    load: 'currentOnly',
    ns: ['shell'],
    defaultNS: 'shell',
    interpolation: { escapeValue: false },
    react: { useSuspense: true },
  });
tellDocument(firstLanguage());
i18n.on('languageChanged', tellDocument);

export default i18n;
