import { type ReactElement, useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { post } from '../api/client';
import type { Visit } from '../api/messages';
import { type LocalMedia, openMedia, stopMedia } from '../call/localMedia';
import { Button } from '../design/Button';
import { Page } from '../design/Page';
import { Banner, ErrorText, StepProgress } from '../design/surfaces';
import { useRoom } from '../visit/VisitRoom';
import { CameraCheck, MicrophoneCheck, SpeakerCheck } from './DeviceChecks';
import { NetworkCheck, useProbe } from './NetworkCheck';
import { STEPS, stepNumber } from './steps';

/** `/v/:visit/device`: camera, microphone, sound and connection, each with a way on when it does not work. */
export default function DevicePage(): ReactElement {
  const { t } = useTranslation(['patient', 'errors']);
  const { visit, visitId, setVisit } = useRoom();
  const navigate = useNavigate();
  const { media, opening, open } = useLocalMedia();
  const [heard, setHeard] = useState<boolean | null>(null);
  const network = useProbe(visitId);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const done = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      const answer = await post<{ visit: Visit }>(`/visits/${encodeURIComponent(visitId)}/device-check`, {
        camera: media?.camera ?? 'missing',
        microphone: media?.microphone ?? 'missing',
        speaker: heard ?? false,
        down_mbps: network.result?.down_mbps ?? null,
        up_mbps: network.result?.up_mbps ?? null,
        rtt_ms: network.result?.rtt_ms ?? null,
        jitter_ms: network.result?.jitter_ms ?? null,
        browser: navigator.userAgent.slice(0, 200),
        ways: network.ways ?? [],
      }, { as: 'visit' });
      stopMedia(media?.stream ?? null);
      setVisit(answer.visit);
      await navigate(`../${answer.visit.next === 'waiting' && visit.state === 'planned' ? 'intake' : answer.visit.next}`, { relative: 'path' });
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Page
      title={t('device.title')}
      lead={t('device.lead')}
      before={<StepProgress step={stepNumber('device')} of={STEPS.length} />}
      narrow
    >
      <CameraCheck media={media} opening={opening} onOpen={open} />
      {media && <MicrophoneCheck media={media} onOpen={open} />}
      <SpeakerCheck heard={heard} onHeard={setHeard} />
      <NetworkCheck {...network} />
      {failure !== null && (
        <Banner tone="danger" live="alert">
          <ErrorText error={failure} />
        </Banner>
      )}
      <Button kind={media ? 'primary' : 'secondary'} wide isPending={busy} onPress={() => void done()}>
        {t(onward(media))}
      </Button>
    </Page>
  );
}

/** The one button always goes on; its words say with what. */
function onward(media: LocalMedia | null): string {
  if (!media) return 'device.go-without';
  if (media.camera !== 'ok' && media.microphone !== 'ok') return 'device.go-without';
  if (media.camera !== 'ok') return 'device.go-without-camera';
  if (media.microphone !== 'ok') return 'device.go-without-microphone';
  return 'shell:continue';
}

function useLocalMedia(): { media: LocalMedia | null; opening: boolean; open: () => void } {
  const [media, setMedia] = useState<LocalMedia | null>(null);
  const [opening, setOpening] = useState(false);
  const open = useCallback(() => {
    setOpening(true);
    void openMedia({ camera: true, microphone: true }).then((opened) => {
      setMedia((before) => {
        stopMedia(before?.stream ?? null);
        return opened;
      });
      setOpening(false);
    });
  }, []);
  // Where the browser already has leave, nobody has to press anything.
  useEffect(() => {
    void alreadyGranted().then((granted) => granted && open());
  }, [open]);
  useEffect(() => () => stopMedia(media?.stream ?? null), [media]);
  return { media, opening, open };
}

async function alreadyGranted(): Promise<boolean> {
  try {
    const states = await Promise.all(
      ['camera', 'microphone'].map((name) => navigator.permissions.query({ name: name as PermissionName })),
    );
    return states.every((one) => one.state === 'granted');
  } catch {
    return false;
  }
}
