import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Measured } from '../../api/chart';
import { Icon } from '../../design';
import { formatNumber } from '../../format';
import { flagsOf, unitWord } from './measured';

/** A value with its unit, as it was sent. */
export function Value({ shown, unit }: { shown: string; unit: string | null }): ReactElement {
  return (
    <span className="numbers value">
      <strong>{shown}</strong> <span className="soft small">{unitWord(unit)}</span>
    </span>
  );
}

/** A measured value, whatever kind it is of; what is missing says why. */
export function MeasuredValue({ measured, unit = true }: { measured: Measured; unit?: boolean }): ReactElement {
  const { t } = useTranslation('record');
  const { value, comparator, absent } = measured;
  if (value === null || value === '') return <span className="soft">{absent || t('measured.noValue')}</span>;
  const said = typeof value === 'number' ? formatNumber(value, 6) : typeof value === 'boolean' ? t(value ? 'measured.yes' : 'measured.no') : value;
  return <Value shown={`${comparator ?? ''}${said}`} unit={unit ? measured.unit : null} />;
}

/** What the sender thinks of a value: in words, with a mark, never by colour alone. */
export function Flags({ measured }: { measured: Measured }): ReactElement | null {
  const { t } = useTranslation('record');
  const flags = flagsOf(measured);
  if (flags.length === 0) return null;
  return (
    <span className="flags">
      {flags.map(({ flag, text }, index) => (
        <span key={index} className="flag-word" data-flag={flag ?? 'other'}>
          {MARKS[flag ?? ''] ?? (flag === 'normal' || flag === 'negative' ? null : <Icon name="flag" size={14} />)}
          {flag ? t(`flag.${flag}`) : text}
        </span>
      ))}
    </span>
  );
}

const MARKS: Record<string, string> = { high: '↑', low: '↓', 'critical-high': '⇈', 'critical-low': '⇊' };
