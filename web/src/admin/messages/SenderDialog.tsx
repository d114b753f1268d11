import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, post, put } from '../../api/client';
import { Banner, Checkbox, TextField } from '../../design';
import { EditDialog } from '../EditDialog';
import { AuthorityRows } from './AuthorityRows';
import { CharsetSelect, OrganizationSelect, Part } from './PeerForm';
import {
  type Entries,
  type FieldWithFault,
  SENDERS_KEY,
  type Sender,
  type SenderRules,
  entriesOf,
  faultsOf,
  newSender,
  risksOf,
  rulesOf,
} from './senders';

interface SenderDialogProps {
  /** `null` makes one. */
  sender: Sender | null;
  /** What a new one begins with. */
  begin?: SenderRules;
  onClose(): void;
  onSaved(name: string): void;
}

type Text = 'name' | 'application' | 'facility' | 'addresses' | 'certificate' | 'zone' | 'kinds';

/** All that is said of a sender. */
export function SenderDialog({ sender, begin, onClose, onSaved }: SenderDialogProps): ReactElement {
  const { t } = useTranslation('hl7v2');
  const [entries, setEntries] = useState<Entries>(() => entriesOf(sender ?? begin ?? newSender()));
  const [tried, setTried] = useState(false);
  const save = useSave(sender, (name) => (onSaved(name), onClose()));
  const faults = faultsOf(entries);
  // Nobody is warned of what they have not begun to write.
  const risks = entries.name === '' ? [] : risksOf(rulesOf(entries));
  const set = (part: Partial<Entries>): void => setEntries((before) => ({ ...before, ...part }));
  const refused = save.error instanceof ApiError ? save.error.field : undefined;
  const submit = (): void => {
    setTried(true);
    const [first] = faults;
    if (first) document.getElementById(`peer-${first}`)?.focus();
    else save.mutate(entries);
  };
  const text = (id: Text, rows?: number): ReactElement => (
    <TextField
      id={`peer-${id}`}
      label={t(`form.${id}`)}
      hint={t(`form.${id}Hint`)}
      value={entries[id]}
      onChange={(value) => set({ [id]: value })}
      autoComplete="off"
      spellCheck="false"
      error={(tried && faults.has(id as FieldWithFault)) || refused === id ? t(`form.bad.${id}`) : undefined}
      {...(rows && { multiline: true, rows })}
    />
  );
  return (
    <EditDialog
      title={sender ? t('senders.editTitle', { name: sender.name }) : t('senders.addTitle')}
      onClose={onClose}
      save={save}
      onSubmit={submit}
      width={760}
      submit={t(sender ? 'senders.save' : 'senders.addDo')}
    >
      <Part title={t('form.who')}>
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
      <Part title={t('form.proof')}>
        <div className="form-grid peer-pair">
          {text('addresses', 3)}
          {text('certificate', 3)}
        </div>
        {risks.includes('nameOnly') && <Banner tone="warn">{t('form.nameOnlyWarn')}</Banner>}
        <Checkbox isSelected={entries.plain} onChange={(plain) => set({ plain })} hint={t('form.plainHint')}>
          {t('form.plain')}
        </Checkbox>
        {risks.includes('plain') && <Banner tone="warn">{t('form.plainWarn')}</Banner>}
      </Part>
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
    </EditDialog>
  );
}

function useSave(sender: Sender | null, done: (name: string) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (entries: Entries): Promise<Sender> => {
      const rules = rulesOf(entries);
      return sender ? put(`/admin/senders/${encodeURIComponent(sender.id)}`, rules) : post('/admin/senders', rules);
    },
    onSuccess: async ({ name }) => {
      await queries.invalidateQueries({ queryKey: SENDERS_KEY });
      done(name);
    },
  });
}
