import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client';
import { Icon, type IconName } from './Icon';

export type Tone = 'neutral' | 'accent' | 'info' | 'ok' | 'warn' | 'danger';

const TONE_ICON: Record<Tone, IconName> = {
  neutral: 'info',
  accent: 'info',
  info: 'info',
  ok: 'check-circle',
  warn: 'alert',
  danger: 'alert',
};

export interface BannerProps {
  tone?: 'info' | 'ok' | 'warn' | 'danger';
  icon?: IconName;
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  /** Announced at once (`alert`) or when convenient (`status`). */
  live?: 'alert' | 'status';
}

export function Banner({ tone = 'info', icon, title, children, actions, live }: BannerProps): ReactElement {
  return (
    <div className="banner" data-tone={tone} role={live}>
      <Icon name={icon ?? TONE_ICON[tone]} />
      <div className="banner-body">
        {title && <div className="banner-title">{title}</div>}
        {children && <div>{children}</div>}
        {actions && <div className="row">{actions}</div>}
      </div>
    </div>
  );
}

/** A state: always an icon and a word, never colour alone. */
export function StatusPill(props: { tone?: Tone; icon?: IconName; children: ReactNode }): ReactElement {
  const { tone = 'neutral', icon, children } = props;
  return (
    <span className="pill" data-tone={tone}>
      <Icon name={icon ?? TONE_ICON[tone]} size={16} />
      {children}
    </span>
  );
}

export interface CardProps {
  title?: ReactNode;
  /** Level of the heading. */
  level?: 2 | 3;
  aside?: ReactNode;
  children: ReactNode;
}

export function Card({ title, level = 2, aside, children }: CardProps): ReactElement {
  const Title = level === 2 ? 'h2' : 'h3';
  return (
    <section className="card">
      {(title || aside) && (
        <div className="card-head">
          {title && <Title>{title}</Title>}
          {aside}
        </div>
      )}
      {children}
    </section>
  );
}

/** Pairs of a term and its value; pairs without a value are left out. */
export function Facts({ items }: { items: readonly (readonly [term: ReactNode, value: ReactNode])[] }): ReactElement {
  return (
    <dl className="facts">
      {items.map(([term, value], index) =>
        value === null || value === undefined || value === '' ? null : (
          <div className="fact" key={index}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

export interface EmptyProps {
  icon?: IconName;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}

/** Says that there is nothing, and what to do about it. */
export function Empty({ icon = 'info', title, children, action }: EmptyProps): ReactElement {
  return (
    <div className="empty">
      <Icon name={icon} size={36} />
      <h2>{title}</h2>
      {children && <div>{children}</div>}
      {action}
    </div>
  );
}

export function Loading({ children }: { children?: ReactNode }): ReactElement {
  const { t } = useTranslation('shell');
  return (
    <div className="loading" role="status">
      <span className="spinner" aria-hidden="true" />
      <span>{children ?? t('loading')}</span>
    </div>
  );
}

/** The whole screen while it is fetched. */
export function PageLoading({ children }: { children?: ReactNode }): ReactElement {
  const { t } = useTranslation('shell');
  return (
    <main id="main" className="page" data-narrow="">
      <h1 className="hidden-text">{t('loading')}</h1>
      <Loading>{children}</Loading>
    </main>
  );
}

/** "Step 2 of 6", as a bar and as words. */
export function StepProgress(props: { step: number; of: number; label?: ReactNode }): ReactElement {
  const { t } = useTranslation('shell');
  return (
    <div className="progress">
      <div className="progress-label">
        <span>{t('step', { step: props.step, of: props.of })}</span>
        {props.label && <span>{props.label}</span>}
      </div>
      <div className="progress-track" aria-hidden="true">
        <div className="progress-fill" style={{ width: `${(100 * props.step) / props.of}%` }} />
      </div>
    </div>
  );
}

/** A part of 1, as a bar with a name. */
export function ProgressBar({ value, label }: { value: number; label: string }): ReactElement {
  const percent = Math.round(100 * Math.min(1, Math.max(0, value)));
  return (
    <div
      className="progress-track"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <div className="progress-fill" style={{ width: `${percent}%` }} />
    </div>
  );
}

/** A request that failed, in the reader's words, and a way to try again. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }): ReactElement {
  const { t } = useTranslation('shell');
  return (
    <Banner
      tone="danger"
      live="alert"
      title={t('failure')}
      actions={
        onRetry && (
          // A plain button: this is also in the frame of the first screen, which stays small.
          <button type="button" className="button" data-kind="secondary" onClick={onRetry}>
            <Icon name="refresh" size={20} />
            {t('try-again')}
          </button>
        )
      }
    >
      <ErrorText error={error} />
    </Banner>
  );
}

/** The whole screen when it could not be fetched. */
export function PageFailure({ error, onRetry }: { error: unknown; onRetry: () => void }): ReactElement {
  const { t } = useTranslation('shell');
  return (
    <main id="main" className="page" data-narrow="">
      <h1 className="hidden-text">{t('failure')}</h1>
      <Failure error={error} onRetry={onRetry} />
    </main>
  );
}

/** The words for an error, by its code. */
export function ErrorText({ error }: { error: unknown }): ReactElement {
  const { t } = useTranslation('errors');
  return <>{errorText(t, error)}</>;
}

/** The words for an error, by its code; `t` is that of the namespace `errors`. */
export function errorText(t: (key: string | string[], values?: Record<string, unknown>) => string, error: unknown): string {
  if (!(error instanceof ApiError)) return t('other');
  const [area = 'other'] = error.code.split('.');
  return t([error.code, `${area}.other`, 'other'], { ns: 'errors', ...error.details, seconds: error.retryAfter });
}
