import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner, Checkbox, CheckboxGroup, RadioGroup, Select } from '../../../design';
import { LANGUAGES, type Language } from '../../../i18n';
import { AuthorityRows } from '../../peers/AuthorityRows';
import { PeerDialog, type PeerDialogProps, type PeerForm } from '../../peers/PeerDialog';
import { OrganizationSelect, Part } from '../../peers/PeerParts';
import { isOpenToAll } from '../../peers/peers';
import { CharsetSelect } from '../CharsetSelect';
import {
  DESTINATIONS_AT,
  DESTINATIONS_KEY,
  type Destination,
  type DestinationRules,
  type Entries,
  VERSIONS,
  entriesOf,
  eventsWith,
  faultsOf,
  newDestination,
  rulesOf,
  withNotes,
} from './destinations';

type Form = PeerForm<Entries>;

/** All that is said of a destination. */
export function DestinationDialog(props: PeerDialogProps<Destination>): ReactElement {
  const { t } = useTranslation('hl7v2');
  return (
    <PeerDialog<Destination, DestinationRules, Entries>
      {...props}
      at={DESTINATIONS_AT}
      list={DESTINATIONS_KEY}
      begin={() => entriesOf(props.peer ?? newDestination())}
      rulesOf={rulesOf}
      faultsOf={faultsOf}
      words="hl7v2:to"
      addTitle={t('destinations.add')}
    >
      {(form) => (
        <>
          <Where {...form} />
          <Told {...form} />
          <Written {...form} />
          <AuthorityRows
            authorities={form.entries.authorities}
            words={{ hint: t('to.authoritiesHint'), name: t('to.authorityName'), nameHint: t('to.authorityNameHint') }}
            onChange={(authorities) => form.set({ authorities })}
            tried={form.tried}
          />
        </>
      )}
    </PeerDialog>
  );
}

function Where({ entries, set, text }: Form): ReactElement {
  const { t } = useTranslation('hl7v2');
  return (
    <Part title={t('to.where')}>
      {text('name')}
      <div className="form-grid peer-pair">
        {text('host')}
        {text('port', { isNumeric: true })}
      </div>
      <Checkbox isSelected={entries.plain} onChange={(plain) => set({ plain })} hint={t('to.plainHint')}>
        {t('to.plain')}
      </Checkbox>
      {isOpenToAll(entries) && <Banner tone="warn">{t('peers:form.plainWarn')}</Banner>}
      {text('certificate', { isDisabled: entries.plain })}
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
