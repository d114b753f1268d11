import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../../api/client';
import type { Organization } from '../../api/messages';
import { Button, Dialog, Failure, Loading, Select, StatusPill } from '../../design';
import { type Column, DataTable } from '../../design/DataTable';
import { formatDayTime } from '../../format';
import { ConsentWords } from './ConsentWords';
import { DraftDialog } from './DraftDialog';
import { CONSENTS_KEY, type ConsentTexts, type PublishedText } from './consents';

const FOR_ALL = 'all';

/** Texts of consent: what is in force where, every version that ever was, and drafts. */
export default function ConsentsPage(): ReactElement {
  const { t } = useTranslation('admin');
  const [organization, setOrganization] = useState(FOR_ALL);
  const [writing, setWriting] = useState(false);
  const consents = useQuery({ queryKey: CONSENTS_KEY, queryFn: () => get<ConsentTexts>('/admin/consents') });
  const organizations = useQuery({
    queryKey: ['admin', 'organizations'],
    queryFn: async () => (await get<{ organizations: Organization[] }>('/admin/organizations')).organizations,
  });
  const whose = organization === FOR_ALL ? null : organization;
  const draft = consents.data?.drafts.find((one) => one.organization_id === whose);
  return (
    <>
      <div className="admin-head">
        <div>
          <h2>{t('consents.heading')}</h2>
          <p className="soft">{t('consents.explain')}</p>
        </div>
        <Button kind="primary" icon="edit" isDisabled={!consents.data} onPress={() => setWriting(true)}>
          {t(draft ? 'consents.goOn' : 'consents.write')}
        </Button>
      </div>
      <Select
        label={t('consents.whose')}
        options={[
          { id: FOR_ALL, label: t('consents.forAll') },
          ...(organizations.data ?? []).map(({ id, name }) => ({ id, label: name })),
        ]}
        value={organization}
        onChange={setOrganization}
      />
      {draft && <p className="soft">{t('consents.draftSaved', { at: formatDayTime(draft.saved_at) })}</p>}
      {consents.isPending && <Loading />}
      {consents.isError && <Failure error={consents.error} onRetry={() => void consents.refetch()} />}
      {consents.data && <Versions texts={consents.data.texts.filter((one) => one.organization_id === whose)} />}
      {writing && consents.data && (
        <DraftDialog consents={consents.data} organization={whose} onClose={() => setWriting(false)} />
      )}
    </>
  );
}

function Versions({ texts }: { texts: readonly PublishedText[] }): ReactElement {
  const { t } = useTranslation('admin');
  const [read, setRead] = useState<PublishedText | null>(null);
  if (!texts.length) return <p>{t('consents.none')}</p>;
  const columns: Column<PublishedText>[] = [
    { id: 'version', title: t('consents.version'), heads: true, cell: (row) => <span className="numbers">{row.version}</span> },
    { id: 'state', title: t('consents.state'), cell: (row) => <State state={row.state} /> },
    { id: 'from', title: t('consents.from'), cell: (row) => <span className="numbers">{row.built_in ? t('consents.builtIn') : formatDayTime(row.valid_from)}</span> },
    {
      id: 'read',
      title: t('consents.read'),
      titleHidden: true,
      cell: (row) => (
        <Button kind="quiet" icon="eye" iconOnly onPress={() => setRead(row)}>
          {t('consents.readOf', { version: row.version })}
        </Button>
      ),
    },
  ];
  return (
    <>
      <DataTable caption={t('consents.versions')} captionHidden rows={texts} rowKey={(row) => row.version} stacks columns={columns} />
      {read && (
        <Dialog title={t('consents.readOf', { version: read.version })} isOpen onClose={() => setRead(null)} width={900}>
          <ConsentWords text={read.text} />
        </Dialog>
      )}
    </>
  );
}

function State({ state }: { state: PublishedText['state'] }): ReactElement {
  const { t } = useTranslation('admin');
  const tone = { 'in-force': 'ok', coming: 'info', past: 'neutral' } as const;
  return <StatusPill tone={tone[state]}>{t(`consents.state_.${state}`)}</StatusPill>;
}
