import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner, Checkbox, CheckboxGroup } from '../../design';
import { AuthorityRows } from '../peers/AuthorityRows';
import { PeerDialog, type PeerDialogProps, type PeerForm } from '../peers/PeerDialog';
import { LineProof, OrganizationSelect, Part } from '../peers/PeerParts';
import {
  type DicomPeer,
  type DicomPeerRules,
  type Entries,
  PEERS_AT,
  PEERS_KEY,
  RIGHTS,
  entriesOf,
  faultsOf,
  newPeer,
  risksOf,
  rulesOf,
} from './peers';

type Form = PeerForm<Entries>;

/** All that is said of a device or archive. */
export function DicomPeerDialog(props: PeerDialogProps<DicomPeer>): ReactElement {
  const { t } = useTranslation('dicom');
  return (
    <PeerDialog<DicomPeer, DicomPeerRules, Entries>
      {...props}
      at={PEERS_AT}
      list={PEERS_KEY}
      begin={() => entriesOf(props.peer ?? newPeer())}
      rulesOf={rulesOf}
      faultsOf={faultsOf}
      words="dicom:form"
      addTitle={t('add')}
    >
      {(form) => (
        <>
          <Who {...form} />
          <May {...form} />
          <Reached {...form} />
          <Patients {...form} />
        </>
      )}
    </PeerDialog>
  );
}

function Who(form: Form): ReactElement {
  const { t } = useTranslation(['dicom', 'peers']);
  const { entries, set, text } = form;
  // Nobody is warned of what they have not begun to write.
  const risks = entries.name === '' ? [] : risksOf(rulesOf(entries));
  return (
    <>
      <Part title={t('peers:form.who')}>
        <div className="form-grid peer-pair">
          {text('name')}
          {text('title')}
        </div>
        {risks.includes('whoever') && <Banner tone="danger">{t('form.whoeverWarn')}</Banner>}
        <OrganizationSelect
          hint={t('form.organizationHint')}
          none={t('form.allOrganizations')}
          value={entries.organization_id}
          onChange={(organization_id) => set({ organization_id })}
        />
      </Part>
      <LineProof form={form} risks={risks} words="dicom:form" />
    </>
  );
}

function May({ entries, set }: Form): ReactElement {
  const { t } = useTranslation('dicom');
  return (
    <Part title={t('form.may')}>
      <CheckboxGroup
        label={t('form.rights')}
        labelHidden
        options={RIGHTS.map((id) => ({ id, label: t(`right.${id}`), hint: t(`form.rightHint.${id}`) }))}
        value={entries.rights}
        onChange={(rights) => set({ rights })}
      />
    </Part>
  );
}

function Reached({ text }: Form): ReactElement {
  const { t } = useTranslation('dicom');
  return (
    <Part title={t('form.reached')}>
      <div className="form-grid peer-pair">
        {text('host')}
        {text('port', { isNumeric: true })}
      </div>
    </Part>
  );
}

function Patients({ entries, set, wrong, tried }: Form): ReactElement {
  const { t } = useTranslation('dicom');
  return (
    <>
      <AuthorityRows
        authorities={entries.authorities}
        words={{ hint: t('form.authoritiesHint'), name: t('form.authorityName'), nameHint: t('form.authorityNameHint') }}
        onChange={(authorities) => set({ authorities })}
        tried={tried}
        error={entries.authorities.length === 0 ? wrong('authorities') : undefined}
      />
      <Checkbox isSelected={entries.makes_patients} onChange={(makes_patients) => set({ makes_patients })} hint={t('form.makesHint')}>
        {t('form.makes')}
      </Checkbox>
    </>
  );
}
