import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../design/Icon';
import { type Language, changeLanguage, currentLanguage } from '../i18n';
import { type Theme, setTheme, useTheme } from './theme';

/** Offers the other language by its own name. Plain elements: the bar is on the first screen and must stay small. */
export function LanguageSwitch(): ReactElement {
  const { i18n } = useTranslation('shell');
  const other: Language = currentLanguage() === 'en' ? 'zh-CN' : 'en';
  return (
    <button type="button" className="button" data-kind="quiet" lang={other} onClick={() => changeLanguage(other)} key={i18n.language}>
      <Icon name="globe" size={20} />
      {other === 'en' ? 'English' : '中文'}
    </button>
  );
}

const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };

/** Steps through the system's colours, light and dark. */
export function ThemeSwitch(): ReactElement {
  const { t } = useTranslation('shell');
  const theme = useTheme();
  const label = t('theme.label', { theme: t(`theme.${theme}`) });
  return (
    <button type="button" className="button" data-kind="quiet" data-icon-only="" title={label} onClick={() => setTheme(NEXT[theme])}>
      <Icon name={theme === 'system' ? 'monitor' : theme === 'light' ? 'sun' : 'moon'} size={20} />
      <span className="hidden-text">{label}</span>
    </button>
  );
}
