import { type FormEvent, type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Proxy, Relationship } from '../api/messages';
import { Button } from '../design/Button';
import { ErrorSummary, type Fault } from '../design/ErrorSummary';
import { RadioGroup, TextField } from '../design/fields';

const RELATIONSHIPS: readonly Relationship[] = ['PRN', 'GUARD', 'SPS', 'CHILD', 'FAMMEMB', 'FRND'];

export interface ConfirmProxyProps {
  busy: boolean;
  onConfirm(proxy: Proxy): void;
  onBack(): void;
}

/** Who comes for the patient: their name, and what they are to them. */
export function ConfirmProxy({ busy, onConfirm, onBack }: ConfirmProxyProps): ReactElement {
  const { t } = useTranslation('patient');
  const [name, setName] = useState('');
  const [relationship, setRelationship] = useState<Relationship | null>(null);
  const [faults, setFaults] = useState<Fault[]>([]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const found: Fault[] = [];
    if (!name.trim()) found.push({ field: 'proxy-name', text: t('join.proxy.name-empty') });
    if (!relationship) found.push({ field: 'proxy-relationship', text: t('join.proxy.relationship-empty') });
    setFaults(found);
    if (relationship && found.length === 0) onConfirm({ name: name.trim(), relationship });
  };
  const fault = (field: string): string | undefined => faults.find((one) => one.field === field)?.text;
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <ErrorSummary key={JSON.stringify(faults)} faults={faults} />
      <p className="question">{t('join.proxy.title')}</p>
      <p className="soft">{t('join.proxy.text')}</p>
      <TextField
        id="proxy-name"
        label={t('join.proxy.name')}
        autoComplete="name"
        maxLength={120}
        value={name}
        onChange={setName}
        error={fault('proxy-name')}
      />
      <RadioGroup
        id="proxy-relationship"
        label={t('join.proxy.relationship')}
        options={RELATIONSHIPS.map((id) => ({ id, label: t(`join.proxy.relation.${id}`) }))}
        value={relationship}
        onChange={setRelationship}
        error={fault('proxy-relationship')}
      />
      <Button kind="primary" type="submit" isPending={busy}>
        {t('join.confirm')}
      </Button>
      <Button kind="quiet" onPress={onBack}>
        {t('join.proxy.back')}
      </Button>
    </form>
  );
}
