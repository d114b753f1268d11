import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Note } from '../../api/messages';
import { Banner, Card, Facts, StatusPill } from '../../design';
import { formatDayTime } from '../../format';

/** A note to read: signed and locked, or as it stands for an invited consultant. */
export function NoteView({ note }: { note: Note }): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <div className="note">
      {note.signed && (
        <Banner tone="ok" icon="lock" title={t('note.locked')}>
          {t('sign.by', { name: note.signed.by, when: formatDayTime(note.signed.at) })}
          <div className="small hash">
            {t('sign.hash')} <code>{note.signed.hash}</code>
          </div>
        </Banner>
      )}
      <Card>
        <Facts
          items={[
            [t('note.subjective'), note.subjective],
            [t('note.objective'), note.objective],
            [t('note.assessment'), note.assessment],
            [t('note.plan'), note.plan],
          ]}
        />
      </Card>
      {note.diagnoses.length > 0 && (
        <Card title={t('note.diagnoses')} level={3}>
          <ul className="entries">
            {note.diagnoses.map((one) => (
              <li key={one.code}>
                <div className="entry-text">
                  {one.display} <span className="soft numbers">{one.code}</span>
                </div>
                <StatusPill>{t(`note.${one.verification}`)}</StatusPill>
              </li>
            ))}
          </ul>
        </Card>
      )}
      {note.prescriptions.length > 0 && <PrescriptionList note={note} />}
      <Card>
        <Facts
          items={[
            [t('note.disposition'), note.disposition && t(`note.disposition_.${note.disposition}`)],
            [t('note.goToHospital'), note.go_to_hospital_if],
            [t('note.selfCare'), note.self_care],
            [t('note.followUp'), note.follow_up],
          ]}
        />
      </Card>
      {note.addenda.length > 0 && <Addenda note={note} />}
    </div>
  );
}

function PrescriptionList({ note }: { note: Note }): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <Card
      title={t('note.prescriptions')}
      level={3}
      aside={
        note.signed ? undefined : (
          <StatusPill tone="warn" icon="edit">
            {t('note.prescriptionDraft')}
          </StatusPill>
        )
      }
    >
      <ul className="entries">
        {note.prescriptions.map((row, index) => (
          <li key={index}>
            <div className="entry-text">
              <strong>{row.medication}</strong>
              <div className="small soft">
                {[row.dose, row.frequency, row.days !== null && t('age.days', { count: row.days }), row.instructions]
                  .filter(Boolean)
                  .join(' · ')}
              </div>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Addenda({ note }: { note: Note }): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <Card title={t('addendum.list')} level={3}>
      <ul className="entries">
        {note.addenda.map((one) => (
          <li key={one.hash}>
            <div className="entry-text">
              <div className="said">{one.text}</div>
              <div className="small soft numbers">{t('sign.by', { name: one.by, when: formatDayTime(one.at) })}</div>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}
