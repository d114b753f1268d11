import { useTranslation } from 'react-i18next';
import { ageOn } from './patientAge';

/** Says an age: "57 years", "14 个月". */
export function useAge(): (birthDate: string) => string {
  const { t } = useTranslation('workspace');
  return (birthDate) => {
    const age = ageOn(birthDate, new Date());
    return age ? t(`age.${age.unit}`, { count: age.count }) : '';
  };
}

/** Says a span of seconds: "42 s", "7 min", "1 h 5 min". */
export function useSpan(): (seconds: number) => string {
  const { t } = useTranslation('workspace');
  return (seconds) => {
    const whole = Math.max(0, Math.floor(seconds));
    if (whole < 60) return t('time.seconds', { s: whole });
    const minutes = Math.floor(whole / 60);
    if (minutes < 60) return t('time.minutes', { m: minutes });
    return t('time.hours', { h: Math.floor(minutes / 60), m: minutes % 60 });
  };
}
