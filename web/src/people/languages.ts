import { currentLanguage } from '../i18n';

/** Those that are offered when an interpreter is invited; any tag of BCP 47 can be typed into the API. */
export const OFFERED = ['zh', 'yue', 'en', 'ug', 'bo', 'mn', 'ko', 'ja', 'vi', 'th', 'hi', 'bn', 'ar', 'fa', 'ru', 'fr', 'es', 'pt', 'sw'] as const;

/** What a language is called in the reader's own. */
export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames([currentLanguage()], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
