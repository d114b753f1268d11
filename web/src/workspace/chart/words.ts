import { useTranslation } from 'react-i18next';

const LOINC = 'http://loinc.org';

/** What something is called that has a code. */
export interface Named {
  system: string | null;
  code: string | null;
  /** What was sent. */
  name: string;
}

/** What a LOINC code is called in the reader's language, where it is a common one; else what was sent. */
export function useCodeWord(): (named: Named) => string {
  const { t, i18n } = useTranslation('record');
  return ({ system, code, name }) =>
    system === LOINC && code && i18n.exists(`loinc.${code}`, { ns: 'record' }) ? t(`loinc.${code}`) : name;
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
