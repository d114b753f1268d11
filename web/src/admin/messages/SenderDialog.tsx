import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner, Checkbox } from '../../design';
import { AuthorityRows } from '../peers/AuthorityRows';
import { PeerDialog, type PeerDialogProps, type PeerForm } from '../peers/PeerDialog';
import { LineProof, OrganizationSelect, Part } from '../peers/PeerParts';
import { CharsetSelect } from './CharsetSelect';
import {
  type Entries,
  SENDERS_AT,
  SENDERS_KEY,
  type Sender,
  type SenderRules,
  entriesOf,
  faultsOf,
  newSender,
  risksOf,
  rulesOf,
} from './senders';

interface SenderDialogProps extends PeerDialogProps<Sender> {
  /** What a new one begins with. */
  begin?: SenderRules;
}

/** All that is said of a sender. */
export function SenderDialog({ begin, ...props }: SenderDialogProps): ReactElement {
  const { t } = useTranslation('hl7v2');
  return (
    <PeerDialog<Sender, SenderRules, Entries>
      {...props}
      at={SENDERS_AT}
      list={SENDERS_KEY}
      begin={() => entriesOf(props.peer ?? begin ?? newSender())}
      rulesOf={rulesOf}
      faultsOf={faultsOf}
      words="hl7v2:form"
      addTitle={t('senders.add')}
    >
      {(form) => <Fields {...form} />}
    </PeerDialog>
  );
}

function Fields(form: PeerForm<Entries>): ReactElement {
  const { t } = useTranslation(['hl7v2', 'peers']);
  const { entries, set, text, tried } = form;
  // Nobody is warned of what they have not begun to write.
  const risks = entries.name === '' ? [] : risksOf(rulesOf(entries));
  return (
    <>
      <Part title={t('peers:form.who')}>
        {text('name')}
        <div className="form-grid peer-pair">
          {text('application')}
          {text('facility')}
        </div>
        {risks.includes('whoever') && <Banner tone="danger">{t('form.whoeverWarn')}</Banner>}
        <OrganizationSelect
          hint={t('form.organizationHint')}
          none={t('form.noOrganization')}
          value={entries.organization_id}
          onChange={(organization_id) => set({ organization_id })}
        />
      </Part>
      <LineProof form={form} risks={risks} words="hl7v2:form" />
      <Part title={t('form.understood')}>
        <div className="form-grid peer-pair">
          {text('zone')}
          <CharsetSelect hint={t('form.charsetHint')} value={entries.charset} onChange={(charset) => set({ charset })} />
        </div>
        {text('kinds')}
        <Checkbox isSelected={entries.training} onChange={(training) => set({ training })} hint={t('form.trainingHint')}>
          {t('form.training')}
        </Checkbox>
      </Part>
      <AuthorityRows
        authorities={entries.authorities}
        words={{ hint: t('form.authoritiesHint'), name: t('form.authorityName'), nameHint: t('form.authorityNameHint') }}
        onChange={(authorities) => set({ authorities })}
        tried={tried}
      />
    </>
  );
}
