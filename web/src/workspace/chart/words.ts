import { useTranslation } from 'react-i18next';

/** What a LOINC code is called in the reader's language, where it is a common one; else what was sent. */
export function useCodeWord(): (code: string | null, sent: string) => string {
  const { t, i18n } = useTranslation('record');
  return (code, sent) => (code && i18n.exists(`loinc.${code}`, { ns: 'record' }) ? t(`loinc.${code}`) : sent);
}

/** A word for a code of FHIR, or the code itself where there is none. */
export function useWord(): (group: string, code: string | null | undefined) => string {
  const { t, i18n } = useTranslation('record');
  return (group, code) => {
    if (!code) return '';
    const key = `${group}.${code}`;
    return i18n.exists(key, { ns: 'record' }) ? t(key) : code;
  };
}
