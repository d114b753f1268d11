import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components/Button';
import { Link, type LinkProps } from 'react-router';
import { Icon, type IconName } from './Icon';

export type ButtonKind = 'primary' | 'secondary' | 'quiet' | 'danger';

interface Look {
  /** One `primary` on a page; `danger` for what cannot be undone. */
  kind?: ButtonKind;
  icon?: IconName;
  /** Only the icon is drawn; `children` is its spoken name. */
  iconOnly?: boolean;
  wide?: boolean;
}

export interface ButtonProps extends Omit<AriaButtonProps, 'children' | 'className' | 'style' | 'isPending'>, Look {
  children: ReactNode;
  /** What it started is still running: it keeps the focus and does nothing when pressed again. */
  isPending?: boolean;
}

export function Button(props: ButtonProps): ReactElement {
  const { kind = 'secondary', icon, iconOnly, wide, children, isPending, onPress, type, ...rest } = props;
  const { t } = useTranslation('shell');
  return (
    <AriaButton
      {...rest}
      {...(isPending ? { type: 'button' } : { ...(type && { type }), ...(onPress && { onPress }) })}
      className="button"
      data-kind={kind}
      data-wide={wide || undefined}
      data-icon-only={iconOnly || undefined}
    >
      {isPending ? <span className="spinner" aria-hidden="true" /> : icon && <Icon name={icon} size={20} />}
      <span className={iconOnly ? 'hidden-text' : undefined}>{children}</span>
      {isPending && <span className="hidden-text"> {t('loading')}</span>}
    </AriaButton>
  );
}

/** A link that looks like a button, for going somewhere rather than doing something. */
export function LinkButton({ kind = 'secondary', icon, iconOnly, wide, children, ...rest }: LinkProps & Look): ReactElement {
  return (
    <Link
      {...rest}
      className="button"
      data-kind={kind}
      data-wide={wide || undefined}
      data-icon-only={iconOnly || undefined}
    >
      {icon && <Icon name={icon} size={20} />}
      <span className={iconOnly ? 'hidden-text' : undefined}>{children}</span>
    </Link>
  );
}
