import { type ReactElement, Suspense, useLayoutEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { Icon } from '../../design/Icon';
import { MOST, isUnknown, useCorrectionsCount } from './corrections';
// For the bar above, which scrolls away on a phone.
import '../workspace.css';
import './notice.css';

const LIST = '/corrections';

/** Says on every page, until each is acknowledged, that results were corrected that who signs in had seen. */
export default function CorrectionsNotice(): ReactElement {
  const asked = useCorrectionsCount();
  const count = asked.data ?? 0;
  const unknown = isUnknown(asked);
  // The list says the same itself.
  const isShown = useLocation().pathname !== LIST && (count > 0 || unknown);
  return (
    // Stands empty before there is anything: what is put into it later is announced.
    <div className="corrected" role="status">
      {isShown && (
        <Suspense fallback={null}>
          <Bar count={unknown ? null : count} />
        </Suspense>
      )}
    </div>
  );
}

/** `count` is `null` where nothing is known. */
function Bar({ count }: { count: number | null }): ReactElement {
  const { t } = useTranslation('workspace');
  const bar = useRef<HTMLDivElement>(null);
  useHeight(bar);
  return (
    <div className="corrected-bar" ref={bar}>
      <Icon name="alert" size={20} />
      <span className="corrected-words">
        {count === null ? t('corrections.unknown') : t(count < MOST ? 'corrections.notice' : 'corrections.noticeMost', { count })}
      </span>
      <Link to={LIST}>{t(count === null ? 'corrections.title' : 'corrections.look')}</Link>
    </div>
  );
}

/** What else stays in sight at the top starts below the bar, by `--corrected-height`. */
function useHeight(bar: { current: HTMLElement | null }): void {
  useLayoutEffect(() => {
    const box = bar.current;
    if (!box) return;
    const { style } = document.documentElement;
    const watch = new ResizeObserver(() => style.setProperty('--corrected-height', `${Math.ceil(box.getBoundingClientRect().height)}px`));
    watch.observe(box);
    return () => {
      watch.disconnect();
      style.removeProperty('--corrected-height');
    };
  }, [bar]);
}
