import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, post, put } from '../../../api/client';
import { Banner, Checkbox, CheckboxGroup, RadioGroup, Select, TextField } from '../../../design';
import { LANGUAGES, type Language } from '../../../i18n';
import { EditDialog } from '../../EditDialog';
import { AuthorityRows } from '../AuthorityRows';
import { CharsetSelect, OrganizationSelect, Part } from '../PeerForm';
import {
  DESTINATIONS_KEY,
  type Destination,
  type Entries,
  type FieldWithFault,
  VERSIONS,
  entriesOf,
  eventsWith,
  faultsOf,
  isOpenToAll,
  newDestination,
  rulesOf,
  withNotes,
} from './destinations';

interface DestinationDialogProps {
  /** `null` makes one. */
  destination: Destination | null;
  onClose(): void;
  onSaved(name: string): void;
}

type Text = 'name' | 'host' | 'port' | 'certificate' | 'application' | 'facility' | 'own_application' | 'own_facility' | 'zone';

/** What the parts of the form need of it. */
interface Form {
  entries: Entries;
  set(part: Partial<Entries>): void;
  /** What is wrong with a field, in words. */
  wrong(field: string): string | undefined;
  text(id: Text): ReactElement;
}

/** All that is said of a destination. */
export function DestinationDialog({ destination, onClose, onSaved }: DestinationDialogProps): ReactElement {
  const { t } = useTranslation('hl7v2');
  const [entries, setEntries] = useState<Entries>(() => entriesOf(destination ?? newDestination()));
  const [tried, setTried] = useState(false);
  const save = useSave(destination, (name) => (onSaved(name), onClose()));
  const faults = faultsOf(entries);
  const refused = save.error instanceof ApiError ? save.error : null;
  const set = (part: Partial<Entries>): void => setEntries((before) => ({ ...before, ...part }));
  const wrong = (field: string): string | undefined => {
    if (tried && faults.has(field as FieldWithFault)) return t(`to.bad.${field}`);
    if (refused?.field !== field) return undefined;
    return /^field\.(too-)?long$/.test(refused.code) ? t('to.bad.long') : t([`to.bad.${field}`, 'to.bad.other']);
  };
  const text = (id: Text): ReactElement => (
    <TextField
      id={`peer-${id}`}
      label={t(`to.${id}`)}
      hint={t(`to.${id}Hint`)}
      value={entries[id]}
      onChange={(value) => set({ [id]: value })}
      autoComplete="off"
      spellCheck="false"
      error={wrong(id)}
      {...(id === 'port' && { inputMode: 'numeric' as const })}
      {...(id === 'certificate' && { isDisabled: entries.plain })}
    />
  );
  const submit = (): void => {
    setTried(true);
    const [first] = faults;
    if (first === 'events') document.querySelector<HTMLElement>('#peer-events input')?.focus();
    else if (first) document.getElementById(`peer-${first}`)?.focus();
    else save.mutate(entries);
  };
  const form: Form = { entries, set, wrong, text };
  return (
    <EditDialog
      title={destination ? t('senders.editTitle', { name: destination.name }) : t('destinations.add')}
      onClose={onClose}
      save={save}
      onSubmit={submit}
      width={760}
      submit={t(destination ? 'senders.save' : 'senders.addDo')}
    >
      <Where {...form} />
      <Told {...form} />
      <Written {...form} />
      <AuthorityRows
        authorities={entries.authorities}
        words={{ hint: t('to.authoritiesHint'), name: t('to.authorityName'), nameHint: t('to.authorityNameHint') }}
        onChange={(authorities) => set({ authorities })}
        tried={tried}
      />
    </EditDialog>
  );
}

function useSave(destination: Destination | null, done: (name: string) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (entries: Entries): Promise<Destination> => {
      const rules = rulesOf(entries);
      return destination ? put(`/admin/destinations/${encodeURIComponent(destination.id)}`, rules) : post('/admin/destinations', rules);
    },
    onSuccess: async ({ name }) => {
      await queries.invalidateQueries({ queryKey: DESTINATIONS_KEY });
      done(name);
    },
  });
}

function Where({ entries, set, text }: Form): ReactElement {
  const { t } = useTranslation('hl7v2');
  return (
    <Part title={t('to.where')}>
      {text('name')}
      <div className="form-grid peer-pair">
        {text('host')}
        {text('port')}
      </div>
      <Checkbox isSelected={entries.plain} onChange={(plain) => set({ plain })} hint={t('to.plainHint')}>
        {t('to.plain')}
      </Checkbox>
      {isOpenToAll(entries) && <Banner tone="warn">{t('form.plainWarn')}</Banner>}
      {text('certificate')}
    </Part>
  );
}

function Told({ entries, set, wrong }: Form): ReactElement {
  const { t } = useTranslation('hl7v2');
  return (
    <Part title={t('to.told')}>
      <RadioGroup
        label={t('to.notes')}
        options={(['document', 'result'] as const).map((id) => ({ id, label: t(`to.note.${id}`), hint: t(`to.note.${id}Hint`) }))}
        value={entries.notes}
        onChange={(notes) => set(withNotes(entries, notes))}
      />
      <CheckboxGroup
        id="peer-events"
        label={t('to.events')}
        options={eventsWith(entries.notes).map((id) => ({
          id,
          label: t(id === 'ORU' && entries.notes === 'result' ? 'to.event.withNotes' : `to.event.${id}`),
          hint: t(`to.event.${id}Hint`),
        }))}
        value={entries.events}
        onChange={(events) => set({ events })}
        error={wrong('events')}
      />
      {(entries.events.includes('MDM') || entries.events.includes('ORU')) && (
        <Select<Language>
          label={t('to.language')}
          hint={t('to.languageHint')}
          options={Object.entries(LANGUAGES).map(([id, label]) => ({ id: id as Language, label }))}
          value={entries.language}
          onChange={(language) => set({ language })}
        />
      )}
      <OrganizationSelect
        hint={t('to.organizationHint')}
        none={t('to.allOrganizations')}
        value={entries.organization_id}
        onChange={(organization_id) => set({ organization_id })}
      />
    </Part>
  );
}

function Written({ entries, set, wrong, text }: Form): ReactElement {
  const { t } = useTranslation('hl7v2');
  return (
    <Part title={t('to.written')}>
      <div className="form-grid peer-pair">
        {text('application')}
        {text('facility')}
      </div>
      <div className="form-grid peer-pair">
        {text('own_application')}
        {text('own_facility')}
      </div>
      <div className="form-grid peer-pair">
        <Select
          id="peer-version"
          label={t('to.version')}
          hint={t('to.versionHint')}
          options={VERSIONS.map((id) => ({ id, label: id }))}
          value={entries.version}
          onChange={(version) => set({ version })}
          error={wrong('version')}
        />
        <CharsetSelect
          id="peer-charset"
          hint={t('to.charsetHint')}
          value={entries.charset}
          onChange={(charset) => set({ charset })}
          error={wrong('charset')}
        />
        {text('zone')}
      </div>
    </Part>
  );
}
