import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../api/session';
import { LETS_IN } from '../applications/roles';
import { Banner, Card, Facts, Failure, Loading, Page } from '../design';
import { AuthenticatorCard } from './AuthenticatorCard';
import { ApplicationsCard } from './ApplicationsCard';
import { ChangePassword } from './ChangePassword';
import { PasskeysCard } from './PasskeysCard';
import { wordOf } from './ProviderButtons';
import { RecoveryCodesCard } from './RecoveryCodes';
import { SessionsCard } from './SessionsCard';
import { useFactors } from './useFactors';
import './account.css';

/** One's own account: who one is here, by what one shows it, where one is signed in. */
export default function AccountPage(): ReactElement {
  const { t, i18n } = useTranslation('account');
  const provider = useFactors().data?.provider;
  const session = useSession().data?.session;
  const user = session?.user;
  return (
    <Page title={t('own.title')} narrow>
      {session?.factor_needed && (
        <Banner tone="warn" title={t('factor.needed.title')}>
          {t('factor.needed.body')}
        </Banner>
      )}
      <Card>
        <Facts
          items={[
            [t('own.name'), user?.name],
            [t('own.login'), user?.login],
            [t('own.role'), user && t(`demo.role.${user.role}`)],
            [t('own.organization'), user?.organization?.name],
            [t('own.registration'), user?.registration],
            [t('own.provider'), provider && wordOf(provider, i18n.language)],
          ]}
        />
      </Card>
      <SecondFactors />
      <SessionsCard />
      {user && LETS_IN.includes(user.role) && <ApplicationsCard />}
      <ChangePassword />
    </Page>
  );
}

function SecondFactors(): ReactElement {
  const factors = useFactors();
  if (factors.isPending) return <Loading />;
  if (factors.isError) return <Failure error={factors.error} onRetry={() => void factors.refetch()} />;
  const { data } = factors;
  return (
    <>
      <AuthenticatorCard factors={data} />
      <PasskeysCard factors={data} />
      {(data.totp || data.passkeys.length > 0) && <RecoveryCodesCard factors={data} />}
    </>
  );
}
