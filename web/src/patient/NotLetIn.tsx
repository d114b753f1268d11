import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { LinkButton } from '../design/Button';
import { Page } from '../design/Page';
import { rememberedToken } from './joinToken';

/** This browser holds no key to the visit, or no longer. */
export function NotLetIn({ visitId, replaced }: { visitId: string; replaced?: boolean }): ReactElement {
  const { t } = useTranslation('patient');
  const token = replaced ? null : rememberedToken(visitId);
  return (
    <Page title={t(replaced ? 'not-in.replaced-title' : 'not-in.title')} narrow>
      <p>{t(replaced ? 'not-in.replaced' : token ? 'not-in.confirm' : 'not-in.link')}</p>
      {token && (
        <LinkButton kind="primary" to={`/j/${token}`}>
          {t('not-in.again')}
        </LinkButton>
      )}
    </Page>
  );
}
