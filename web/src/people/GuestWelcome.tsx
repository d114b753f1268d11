import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactElement, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, get, post } from '../api/client';
import type { ConsentText, Visit } from '../api/messages';
import { type LocalMedia, openMedia, stopMedia } from '../call/localMedia';
import { Button } from '../design/Button';
import { Icon } from '../design/Icon';
import { Page } from '../design/Page';
import { Checkbox } from '../design/fields';
import { Banner, ErrorText, Failure, Loading, StepProgress } from '../design/surfaces';
import { currentLanguage, nameIn } from '../i18n';
import { CameraCheck, MicrophoneCheck, SpeakerCheck } from '../patient/DeviceChecks';
import { WithWhom } from '../patient/WithWhom';
import { formatDay, formatTimeWithZone } from '../shell/when';
import { useRoom } from '../visit/VisitRoom';
import { useGuestVisit } from './GuestPage';

/** Before a guest asks to be let in: what works of their device, and what they agree to. */
export function GuestWelcome(): ReactElement {
  const [step, setStep] = useState<1 | 2>(1);
  return step === 1 ? <Devices onDone={() => setStep(2)} /> : <Agreement onBack={() => setStep(1)} />;
}

function Devices({ onDone }: { onDone(): void }): ReactElement {
  const { t } = useTranslation(['people', 'patient', 'shell']);
  const visit = useGuestVisit();
  const [media, setMedia] = useState<LocalMedia | null>(null);
  const [opening, setOpening] = useState(false);
  const [heard, setHeard] = useState<boolean | null>(null);
  const open = (): void => {
    setOpening(true);
    void openMedia({ camera: true, microphone: true }).then((opened) => {
      setMedia((before) => {
        stopMedia(before?.stream ?? null);
        return opened;
      });
      setOpening(false);
    });
  };
  useEffect(() => () => stopMedia(media?.stream ?? null), [media]);
  return (
    <Page title={t('welcome.title', { name: visit.guest.name })} lead={t(`welcome.${visit.guest.role}`)} before={<StepProgress step={1} of={3} />} narrow>
      <section className="card appointment" aria-label={t('patient:join.appointment')}>
        <WithWhom name={visit.practitioner.name} of={[visit.practitioner.title, visit.organization.name]} />
        <p className="appointment-when">
          <Icon name="calendar" size={20} />
          <span>
            {formatDay(visit.start)}
            <span className="numbers"> {formatTimeWithZone(visit.start)}</span>
          </span>
        </p>
      </section>
      <CameraCheck media={media} opening={opening} onOpen={open} />
      {media && <MicrophoneCheck media={media} onOpen={open} />}
      <SpeakerCheck heard={heard} onHeard={setHeard} />
      <Button kind={media ? 'primary' : 'secondary'} wide onPress={onDone}>
        {media ? t('shell:continue') : t('patient:device.go-without')}
      </Button>
    </Page>
  );
}

function Agreement({ onBack }: { onBack(): void }): ReactElement {
  const { t } = useTranslation(['people', 'patient', 'errors']);
  const { visitId, setVisit } = useRoom();
  const visit = useGuestVisit();
  const [agreed, setAgreed] = useState(false);
  const [missing, setMissing] = useState(false);
  const at = `/visits/${encodeURIComponent(visitId)}`;
  const text = useQuery({ queryKey: ['guest-text', visitId], queryFn: () => get<ConsentText>(`${at}/guest-text`, { as: 'visit' }) });
  const knock = useMutation({
    mutationFn: (version: string) => post<{ visit: Visit }>(`${at}/knock`, { version, language: currentLanguage(), agreed: true }, { as: 'visit' }),
    onSuccess: (answer) => setVisit(answer.visit),
  });
  const locked = visit.locked || (knock.error instanceof ApiError && knock.error.code === 'room.locked');
  return (
    <Page
      title={t('agree.title')}
      lead={t('agree.lead')}
      before={
        <>
          <Button kind="quiet" icon="arrow-left" onPress={onBack}>
            {t('agree.back')}
          </Button>
          <StepProgress step={2} of={3} />
        </>
      }
      narrow
    >
      {text.isPending && <Loading />}
      {text.isError && <Failure error={text.error} onRetry={() => void text.refetch()} />}
      {text.data && (
        <>
          <section className="card consent-text" aria-label={t('agree.text')} tabIndex={0}>
            {nameIn(text.data.text)
              .split(/\n{2,}/)
              .map((paragraph) => (
                <p key={paragraph}>{paragraph}</p>
              ))}
          </section>
          <div>
            <Checkbox isSelected={agreed} onChange={setAgreed} isInvalid={missing && !agreed}>
              {t('agree.check')}
            </Checkbox>
            {missing && !agreed && (
              <p className="field-error" role="alert">
                <Icon name="alert" size={18} />
                <span>{t('agree.must')}</span>
              </p>
            )}
          </div>
          {locked ? (
            <Banner tone="warn" icon="lock" live="status" title={t('join.locked')}>
              {t('join.locked-text')}
            </Banner>
          ) : (
            knock.isError && (
              <Banner tone="danger" live="alert">
                <ErrorText error={knock.error} />
              </Banner>
            )
          )}
          <Button
            kind="primary"
            wide
            isPending={knock.isPending}
            onPress={() => {
              setMissing(!agreed);
              if (agreed) knock.mutate(text.data.version);
            }}
          >
            {t('agree.submit')}
          </Button>
        </>
      )}
    </Page>
  );
}
