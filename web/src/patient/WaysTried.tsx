import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { WayReport } from '../api/messages';
import { Icon } from '../design/Icon';

/** The ways that a call can take, for who wants to know more than the verdict, or has to tell it to somebody who helps. */
export function WaysTried({ ways }: { ways: readonly WayReport[] }): ReactElement {
  const { t } = useTranslation('patient');
  return (
    <details className="ways">
      <summary>
        {t('network.ways.title')}
        <Icon name="chevron-down" size={18} />
      </summary>
      <ul className="ways-list">
        {ways.map((way) => (
          <li key={way.rung} className={way.passes ? undefined : 'soft'}>
            <Icon name={way.passes ? 'check' : 'close'} size={16} />
            <span className="ways-name">{t(`network.ways.${way.rung}`)}</span>
            <span className="soft small numbers">{way.passes ? figuresOf(way) : t('network.ways.closed')}</span>
          </li>
        ))}
      </ul>
    </details>
  );

  function figuresOf(way: WayReport): string {
    const said = way.rtt_ms === null ? [] : [t('network.ways.rtt', { ms: Math.round(way.rtt_ms) })];
    if (way.jitter_ms !== null) said.push(t('network.ways.jitter', { ms: Math.round(way.jitter_ms) }));
    if (way.loss !== null) said.push(t('network.ways.loss', { percent: (way.loss * 100).toFixed(way.loss < 0.1 ? 1 : 0) }));
    return said.join(' · ');
  }
}
