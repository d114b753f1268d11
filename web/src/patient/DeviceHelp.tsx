import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeviceState } from '../api/messages';
import { browserKind, inProgram } from '../call/browserKind';
import { Button } from '../design/Button';
import { CopyBox } from '../design/CopyBox';
import { Banner } from '../design/surfaces';
import { useRoom } from '../visit/VisitRoom';
import { rememberedToken } from './joinToken';

/** What to do about a device that is refused, absent or taken: in the words of this browser. */
export function DeviceHelp(props: { device: 'camera' | 'microphone'; state: DeviceState; busy: boolean; onRetry(): void }): ReactElement {
  const { t } = useTranslation('patient');
  const { device, state, busy, onRetry } = props;
  const program = inProgram();
  const key = state === 'denied' ? `device.allow.${browserKind()}` : `device.help.${device}.${state}`;
  const steps = t(key, { returnObjects: true, device: t(`device.${device}`) }) as unknown;
  return (
    <div className="stack">
      {/* A browser inside another program often has no devices to give, whatever it is allowed. */}
      {program && device === 'camera' && <InProgram program={program} />}
      <ul className="steps">
        {(Array.isArray(steps) ? (steps as string[]) : []).map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ul>
      <div className="row">
        <Button icon="refresh" isPending={busy} onPress={onRetry}>
          {t('device.try-again')}
        </Button>
      </div>
    </div>
  );
}

/** The way out of a program that shows pages itself, into the phone's own browser. */
function InProgram({ program }: { program: string }): ReactElement {
  const { t } = useTranslation('patient');
  const { visitId } = useRoom();
  const token = rememberedToken(visitId);
  const steps = t('device.program.steps', { returnObjects: true, program: t(`device.program.names.${program}`, program) }) as unknown;
  return (
    <Banner tone="warn" title={t('device.program.title', { program: t(`device.program.names.${program}`, program) })}>
      <ol className="steps">
        {(Array.isArray(steps) ? (steps as string[]) : []).map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      {token && (
        <CopyBox
          label={t('device.program.link')}
          text={`${location.origin}/j/${token}`}
          copy={t('device.program.copy')}
          copied={t('device.program.copied')}
          failed={t('device.program.not-copied')}
        />
      )}
    </Banner>
  );
}
