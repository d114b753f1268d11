import { type ReactElement, useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { RedFlag } from '../api/messages';
import { CheckboxGroup, RadioGroup, TextField } from '../design/fields';
import { DURATION_UNITS, type Draft, LONGEST, type Question, RED_FLAGS, SYMPTOMS } from './intakeDraft';

export interface QuestionProps {
  draft: Draft;
  change(part: Partial<Draft>): void;
  /** What is wrong with a field, by its id. */
  fault(field: string): string | null;
}

export function QuestionFields({ question, ...props }: QuestionProps & { question: Question }): ReactElement | null {
  switch (question) {
    case 'reason':
      return <Reason {...props} />;
    case 'symptoms':
      return <Symptoms {...props} />;
    case 'duration':
      return <HowLong {...props} />;
    case 'location':
      return <Location {...props} />;
    case 'contact':
      return <Contact {...props} />;
    case 'red-flags':
      return <RedFlags {...props} />;
    case 'check':
      return null;
  }
}

function Reason({ draft, change, fault }: QuestionProps): ReactElement {
  const { t } = useTranslation('patient');
  return (
    <TextField
      id="reason"
      label={t('intake.reason.label')}
      multiline
      rows={5}
      maxLength={LONGEST.reason}
      value={draft.reason}
      onChange={(reason) => change({ reason })}
      error={fault('reason')}
    />
  );
}

function Symptoms({ draft, change, fault }: QuestionProps): ReactElement {
  const { t } = useTranslation('patient');
  return (
    <CheckboxGroup
      id="symptoms"
      label={t('intake.symptoms.title')}
      labelHidden
      columns={2}
      options={SYMPTOMS.map((id) => ({ id, label: t(`symptom.${id}`) }))}
      value={draft.symptoms as (typeof SYMPTOMS)[number][]}
      onChange={(symptoms) => change({ symptoms })}
      error={fault('symptoms')}
    />
  );
}

function HowLong({ draft, change, fault }: QuestionProps): ReactElement {
  const { t } = useTranslation('patient');
  const { duration } = draft;
  return (
    <>
      <TextField
        id="duration"
        label={t('intake.duration.number')}
        width="4"
        inputMode="numeric"
        maxLength={3}
        value={duration.value}
        onChange={(value) => change({ duration: { ...duration, value } })}
        error={fault('duration')}
      />
      <RadioGroup
        label={t('intake.duration.unit')}
        columns={2}
        options={DURATION_UNITS.map((id) => ({ id, label: t(`unit.${id}`) }))}
        value={duration.unit}
        onChange={(unit) => change({ duration: { ...duration, unit } })}
      />
    </>
  );
}

function Location({ draft, change, fault }: QuestionProps): ReactElement {
  const { t } = useTranslation('patient');
  const { location } = draft;
  return (
    <>
      <TextField
        id="location-text"
        label={t('intake.location.text')}
        hint={t('intake.location.hint')}
        autoComplete="street-address"
        maxLength={LONGEST.line}
        value={location.text}
        onChange={(text) => change({ location: { ...location, text } })}
        error={fault('location-text')}
      />
      <TextField
        id="location-city"
        label={t('intake.location.city')}
        autoComplete="address-level2"
        maxLength={LONGEST.line}
        value={location.city}
        onChange={(city) => change({ location: { ...location, city } })}
        error={fault('location-city')}
      />
    </>
  );
}

function Contact({ draft, change, fault }: QuestionProps): ReactElement {
  const { t } = useTranslation('patient');
  const { emergency_contact: contact } = draft;
  const heading = useId();
  return (
    <>
      <TextField
        id="callback"
        label={t('intake.contact.callback')}
        hint={t('intake.contact.callback-hint')}
        type="tel"
        autoComplete="tel"
        maxLength={LONGEST.phone}
        value={draft.callback_number}
        onChange={(callback_number) => change({ callback_number })}
        error={fault('callback')}
      />
      <fieldset className="stack" aria-labelledby={heading}>
        <h2 id={heading}>{t('intake.contact.emergency')}</h2>
        <p className="soft">{t('intake.contact.emergency-hint')}</p>
        {(['name', 'phone', 'relation'] as const).map((part) => (
          <TextField
            key={part}
            id={`emergency-${part}`}
            label={t(`intake.contact.${part}`)}
            type={part === 'phone' ? 'tel' : 'text'}
            autoComplete="off"
            maxLength={part === 'phone' ? LONGEST.phone : LONGEST.line}
            value={contact[part]}
            onChange={(value) => change({ emergency_contact: { ...contact, [part]: value } })}
            error={fault(`emergency-${part}`)}
          />
        ))}
      </fieldset>
    </>
  );
}

const NONE = 'none';

function RedFlags({ draft, change, fault }: QuestionProps): ReactElement {
  const { t } = useTranslation('patient');
  const chosen: (RedFlag | typeof NONE)[] = draft.red_flags === null ? [] : draft.red_flags.length ? draft.red_flags : [NONE];
  return (
    <CheckboxGroup<RedFlag | typeof NONE>
      id="red-flags"
      label={t('intake.red-flags.title')}
      labelHidden
      options={[
        ...RED_FLAGS.map((id) => ({ id, label: t(`red-flag.${id}`) })),
        { id: NONE, label: t('intake.red-flags.none') },
      ]}
      value={chosen}
      onChange={(next) => change({ red_flags: redFlagsOf(chosen, next) })}
      error={fault('red-flags')}
    />
  );
}

/** "None of these" and the others exclude each other; whichever was pressed last counts. */
function redFlagsOf(before: readonly string[], next: readonly (RedFlag | typeof NONE)[]): RedFlag[] | null {
  if (next.length === 0) return null;
  if (next.includes(NONE) && !before.includes(NONE)) return [];
  return next.filter((one): one is RedFlag => one !== NONE);
}
