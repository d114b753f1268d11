import { type ChangeEvent, type ReactElement, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BodySite, Side } from '../api/messages';
import { Button } from '../design/Button';
import { Dialog } from '../design/Dialog';
import { RadioGroup, Select } from '../design/fields';
import { Banner, errorText } from '../design/surfaces';
import { usePhotoQueue } from './PhotoQueueProvider';
import { ACCEPT, BODY_SITES, SIDES, hasSide, refusalOf } from './kinds';
import './photos.css';

/** Two ways to a photo, camera and file, then one question: what it shows. */
export function AddPhoto(): ReactElement {
  const { t } = useTranslation(['photos', 'errors']);
  const [file, setFile] = useState<File | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const take = (chosen: File): void => {
    const refused = refusalOf(chosen);
    setRefusal(refused);
    setFile(refused ? null : chosen);
  };
  return (
    <div className="stack">
      <div className="row photo-ways">
        <FileButton icon="photo" capture onChosen={take}>
          {t('photos:take')}
        </FileButton>
        <FileButton icon="upload" onChosen={take}>
          {t('photos:choose')}
        </FileButton>
      </div>
      {refusal && (
        <Banner tone="danger" live="alert">
          {t(refusal, { ns: 'errors' })}
        </Banner>
      )}
      {file && <Describe file={file} onClose={() => setFile(null)} />}
    </div>
  );
}

interface FileButtonProps {
  icon: 'photo' | 'upload';
  capture?: boolean;
  onChosen(file: File): void;
  children: string;
}

function FileButton({ icon, capture, onChosen, children }: FileButtonProps): ReactElement {
  const input = useRef<HTMLInputElement>(null);
  const change = (event: ChangeEvent<HTMLInputElement>): void => {
    const file = event.target.files?.[0];
    // The same file may be chosen again after it was taken back.
    event.target.value = '';
    if (file) onChosen(file);
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        accept={capture ? 'image/*' : ACCEPT}
        {...(capture && { capture: 'environment' as const })}
        onChange={change}
        aria-label={children}
        data-testid={capture ? 'photo-camera' : 'photo-file'}
      />
      <Button icon={icon} onPress={() => input.current?.click()}>
        {children}
      </Button>
    </>
  );
}

function Describe({ file, onClose }: { file: File; onClose(): void }): ReactElement {
  const { t } = useTranslation(['photos', 'errors']);
  const { queue } = usePhotoQueue();
  const [site, setSite] = useState<BodySite>('skin');
  const [side, setSide] = useState<Side>('none');
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    setBusy(true);
    try {
      await queue.add(file, site, hasSide(site) ? side : 'none');
      onClose();
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t('photos:describe')}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t('cancel', { ns: 'shell' })}</Button>
          <Button kind="primary" icon="send" isPending={busy} onPress={() => void send()}>
            {t('photos:send')}
          </Button>
        </>
      }
    >
      <Preview file={file} />
      <Select
        label={t('photos:what')}
        options={BODY_SITES.map((id) => ({ id, label: t(`photos:site.${id}`) }))}
        value={site}
        onChange={setSite}
      />
      {hasSide(site) && (
        <RadioGroup
          label={t('photos:side-label')}
          columns={2}
          options={SIDES.map((id) => ({ id, label: t(`photos:side.${id}`) }))}
          value={side}
          onChange={setSide}
        />
      )}
      {failure !== null && (
        <Banner tone="danger" live="alert">
          {errorText(t, failure)}
        </Banner>
      )}
    </Dialog>
  );
}

function Preview({ file }: { file: File }): ReactElement {
  const { t } = useTranslation('photos');
  const [url, setUrl] = useState<string | null>(null);
  const [shown, setShown] = useState(true);
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  // HEIC cannot be drawn by most browsers; it is sent all the same.
  if (!shown) return <p className="soft">{t('no-preview')}</p>;
  if (!url) return <div className="photo-large" />;
  return <img className="photo-large" src={url} alt={t('chosen')} onError={() => setShown(false)} />;
}
