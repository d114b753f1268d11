import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DemoPassword } from '../../../account/DemoPassword';
import { type ProvedBy, SignatureProof, proofBy } from '../../../account/SignatureProof';
import { ApiError, post } from '../../../api/client';
import type { ChartChange, PatientSummary, Signature, Visit } from '../../../api/messages';
import { Banner, Button, Checkbox, Dialog, ErrorText, TextField } from '../../../design';
import { formatDate, formatDayTime } from '../../../format';
import { useRoom } from '../../../visit/VisitRoom';
import type { OpenNote } from '../../note/useNote';
import { useAge } from '../../words';
import type { ChartReading } from '../useChart';

export interface SignDialogProps {
  open: OpenNote;
  chart: ChartReading;
  onClose(): void;
  /** The server found fields empty. */
  onMissing(fields: string[]): void;
}

/** Signs the note with the password, a passkey or a proof at the identity provider, naming the version of the chart that was read. A chart that changed is read first. */
export function SignDialog({ open, chart, onClose, onMissing }: SignDialogProps): ReactElement {
  const { t } = useTranslation('workspace');
  const { visit: signed, visitId, setVisit } = useRoom();
  const queries = useQueryClient();
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const [changes, setChanges] = useState<Changed | null>(null);
  const [read, setRead] = useState(false);
  const sign = useMutation({
    mutationFn: async (by: 'password' | ProvedBy) => {
      const proof = by === 'password' ? { password } : await proofBy(by);
      const snapshot = await open.session.flush();
      if (snapshot.state === 'conflict') throw new ApiError(409, 'note.changed', 'another version was saved');
      const chart_version = changes ? chart.latest : chart.seen;
      const body = { ...proof, chart_version, note_version: snapshot.version };
      return post<{ signature: Signature; visit: Visit }>(`/visits/${encodeURIComponent(visitId)}/sign`, body);
    },
    onSuccess: async ({ visit }) => {
      setVisit(visit);
      await queries.invalidateQueries({ queryKey: ['note', visitId] });
      onClose();
    },
    onError: async (error) => {
      if (!(error instanceof ApiError)) return;
      if (error.code === 'password.wrong') setFault(t('sign.wrong'));
      if (error.code === 'note.incomplete') onMissing((error.details.missing as string[] | undefined) ?? []);
      if (error.code === 'chart.changed') {
        const { changes: newer = [], deleted = [] } = error.details as Partial<Changed>;
        setChanges({ changes: newer, deleted });
        setRead(false);
        await chart.refresh();
      }
    },
  });
  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    if (password === '') return setFault(t('sign.passwordNeeded'));
    setFault(null);
    if (!changes || read) sign.mutate('password');
  };
  const own = ['password.wrong', 'chart.changed', 'note.incomplete'];
  const other = sign.error && !(sign.error instanceof ApiError && own.includes(sign.error.code)) ? sign.error : null;
  return (
    <Dialog
      title={t('sign.title')}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t('do.cancelDialog')}</Button>
          <Button
            kind="primary"
            icon="lock"
            isPending={sign.isPending && sign.variables === 'password'}
            isDisabled={!!changes && !read}
            onPress={() => submit()}
          >
            {t('sign.submit')}
          </Button>
        </>
      }
    >
      <SignedFor patient={signed.patient} />
      <p>{t('sign.explain')}</p>
      <SignatureProof
        pending={sign.isPending && sign.variables !== 'password' ? sign.variables : null}
        isDisabled={!!changes && !read}
        onPress={(by) => (setFault(null), sign.mutate(by))}
      />
      {other && (
        <Banner tone="danger" live="alert">
          <ErrorText error={other} />
        </Banner>
      )}
      {changes && <Changes {...changes} read={read} onRead={setRead} />}
      <form onSubmit={submit}>
        <TextField
          label={t('sign.password')}
          type="password"
          value={password}
          onChange={setPassword}
          autoComplete="current-password"
          error={fault}
          autoFocus
        />
      </form>
      <DemoPassword />
    </Dialog>
  );
}

/** Whose note it is, once more: name, birth date and identifier, before anything is typed. */
function SignedFor({ patient }: { patient: PatientSummary }): ReactElement {
  const { t } = useTranslation('workspace');
  const age = useAge();
  const identifiers = patient.identifiers.map(({ value }) => value).join(' · ');
  return (
    <section className="signed-for" aria-label={t('sign.for')}>
      <h3>{patient.name}</h3>
      <p className="numbers">
        {t('visit.born', { date: formatDate(patient.birth_date) })} ({age(patient.birth_date)}) · {t(`sex.${patient.sex}`)}
      </p>
      <p className="numbers">{identifiers || t('visit.noIdentifier')}</p>
    </section>
  );
}

/** What of a chart is not as it was when it was read. */
interface Changed {
  changes: ChartChange[];
  /** Types of which entries are gone. */
  deleted: string[];
}

function Changes(props: Changed & { read: boolean; onRead(read: boolean): void }): ReactElement {
  const { changes, deleted, read, onRead } = props;
  const { t } = useTranslation('workspace');
  return (
    <div className="stack">
      <Banner tone="warn" live="alert" title={t('sign.changed.title')}>
        {t('sign.changed.body')}
      </Banner>
      {changes.length + deleted.length === 0 && <p>{t('sign.changed.none')}</p>}
      <ul className="entries framed">
        {changes.map((change) => (
          <li key={change.kind + change.id}>
            <div className="entry-text">
              <div className="small soft numbers">
                {t(`sign.changed.${change.new ? 'new' : 'other'}`)} · {t([`sign.kind.${change.kind}`, 'sign.kind.other'])} ·{' '}
                {formatDayTime(change.at)}
              </div>
              <strong>{change.text}</strong>
            </div>
          </li>
        ))}
        {deleted.map((kind) => (
          <li key={kind}>
            <strong>{t('sign.changed.gone', { kind: t([`sign.kind.${kind}`, 'sign.kind.other']) })}</strong>
          </li>
        ))}
      </ul>
      <Checkbox isSelected={read} onChange={onRead}>
        {t('sign.changed.ack')}
      </Checkbox>
    </div>
  );
}
