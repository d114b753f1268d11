import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get, put } from '../api/client';
import type { Role, SignInRules } from '../api/messages';
import { Banner, Button, Card, CheckboxGroup, ErrorText, Failure, Loading } from '../design';
import { ROLES } from './roles';

const KEY = ['admin', 'sign-in'] as const;

/** Which roles have to have a second factor. */
export default function SignInRulesPage(): ReactElement {
  const { t } = useTranslation('admin');
  const rules = useQuery({
    queryKey: KEY,
    queryFn: async () => (await get<{ rules: SignInRules }>('/admin/sign-in')).rules,
  });
  return (
    <>
      <div className="admin-head">
        <div>
          <h2>{t('signIn.heading')}</h2>
          <p className="soft">{t('signIn.explain')}</p>
        </div>
      </div>
      {rules.isPending && <Loading />}
      {rules.isError && <Failure error={rules.error} onRetry={() => void rules.refetch()} />}
      {rules.data && <Form rules={rules.data} />}
    </>
  );
}

function Form({ rules }: { rules: SignInRules }): ReactElement {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const [roles, setRoles] = useState<Role[]>(rules.second_factor);
  const save = useMutation({
    mutationFn: () => put<{ rules: SignInRules }>('/admin/sign-in', { second_factor: roles }),
    onSuccess: (answer) => queries.setQueryData(KEY, answer.rules),
  });
  return (
    <Card>
      <div className="stack">
        {save.isError && (
          <Banner tone="danger" live="alert">
            <ErrorText error={save.error} />
          </Banner>
        )}
        {save.isSuccess && (
          <Banner tone="ok" live="status">
            {t('signIn.saved')}
          </Banner>
        )}
        <CheckboxGroup
          label={t('signIn.second')}
          hint={t('signIn.secondHint')}
          columns={2}
          options={ROLES.map((id) => ({ id, label: t(`users.role_.${id}`) }))}
          value={roles}
          onChange={(next) => (setRoles(next), save.reset())}
        />
        <div>
          <Button kind="primary" isPending={save.isPending} onPress={() => save.mutate()}>
            {t('save')}
          </Button>
        </div>
      </div>
    </Card>
  );
}
