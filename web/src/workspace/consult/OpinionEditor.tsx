import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, get, post, put } from '../../api/client';
import type { Opinion } from '../../api/messages';
import { Banner, Button, Card, Failure, Loading, TextField } from '../../design';
import { useRoom } from '../../visit/VisitRoom';
import { SaveLine } from '../note/SaveLine';
import type { SaveState } from '../note/noteSession';
import { OpinionText } from '../visit/OpinionPart';
import { Confirm } from '../visit/dialogs/Confirm';

const IDLE_MS = 1_200;

/** The consultant's opinion: saved as it is written, locked by the signature. */
export function OpinionEditor(): ReactElement {
  const { t } = useTranslation('workspace');
  const { visitId } = useRoom();
  const opinion = useQuery({
    queryKey: ['opinion', visitId, 'own'],
    queryFn: async () => (await get<{ opinion: Opinion | null }>(pathOf(visitId), { as: 'visit' })).opinion,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (opinion.isPending) return <Loading />;
  if (opinion.isError) return <Failure error={opinion.error} onRetry={() => void opinion.refetch()} />;
  if (opinion.data?.signed_at) {
    return (
      <Card title={t('consult.signed')}>
        <OpinionText opinion={opinion.data} />
      </Card>
    );
  }
  return <Writing first={opinion.data} />;
}

function Writing({ first }: { first: Opinion | null }): ReactElement {
  const { t } = useTranslation('workspace');
  const [text, setText] = useState(first?.text ?? '');
  const saving = useSaving(text, first);
  const [signing, setSigning] = useState(false);
  const [empty, setEmpty] = useState(false);
  return (
    <Card title={t('consult.write')}>
      <SaveLine snapshot={{ state: saving.state, savedAt: saving.savedAt }} />
      <TextField
        label={t('consult.write')}
        hint={t('consult.writeHint')}
        multiline
        rows={10}
        value={text}
        onChange={(value) => (setText(value), setEmpty(false))}
        error={empty ? t('consult.empty') : undefined}
      />
      <div>
        <Button kind="primary" icon="lock" onPress={() => (text.trim() === '' ? setEmpty(true) : setSigning(true))}>
          {t('consult.sign')}
        </Button>
      </div>
      {signing && <SignOpinion flush={saving.flush} onClose={() => setSigning(false)} />}
    </Card>
  );
}

/** Saves after a pause, one request at a time; what was typed meanwhile goes with the next. */
function useSaving(
  text: string,
  first: Opinion | null,
): { state: SaveState; savedAt: string | null; flush(): Promise<void> } {
  const { visitId } = useRoom();
  const [state, setState] = useState<SaveState>(first ? 'saved' : 'untouched');
  const [savedAt, setSavedAt] = useState<string | null>(null);
  const latest = useRef({ text, saved: first?.text ?? '', version: first?.version ?? 0 });
  const running = useRef<Promise<void> | null>(null);
  latest.current.text = text;
  const flush = useRef(async (): Promise<void> => {
    await running.current;
    const { text: now, saved, version } = latest.current;
    if (now === saved) return;
    setState('saving');
    running.current = put<{ opinion: Opinion }>(pathOf(visitId), { text: now, version }, { as: 'visit' })
      .then(({ opinion }) => {
        latest.current.saved = now;
        latest.current.version = opinion.version;
        setSavedAt(new Date().toISOString());
        setState(latest.current.text === now ? 'saved' : 'dirty');
      })
      .catch((error: unknown) => {
        setState(error instanceof ApiError && error.passing ? 'offline' : 'failed');
        throw error;
      })
      .finally(() => {
        running.current = null;
      });
    await running.current;
  }).current;
  useEffect(() => {
    if (text === latest.current.saved) return;
    setState('dirty');
    const timer = setTimeout(() => void flush().catch(() => undefined), IDLE_MS);
    return () => clearTimeout(timer);
  }, [text, flush]);
  useEffect(() => {
    if (state !== 'offline' && state !== 'failed') return;
    const timer = setTimeout(() => void flush().catch(() => undefined), 4_000);
    return () => clearTimeout(timer);
  }, [state, flush]);
  return { state, savedAt, flush };
}

function SignOpinion({ flush, onClose }: { flush(): Promise<void>; onClose(): void }): ReactElement {
  const { t } = useTranslation('workspace');
  const { visitId } = useRoom();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [registration, setRegistration] = useState('');
  const [tried, setTried] = useState(false);
  const sign = useMutation({
    mutationFn: async () => {
      await flush();
      const body = { name: name.trim(), registration: registration.trim() };
      return post<{ opinion: Opinion }>(`${pathOf(visitId)}/sign`, body, { as: 'visit' });
    },
    onSuccess: ({ opinion }) => {
      queries.setQueryData(['opinion', visitId, 'own'], opinion);
      onClose();
    },
  });
  const mismatch = sign.error instanceof ApiError && [403, 422].includes(sign.error.status);
  const needed = (value: string, label: string): string | undefined =>
    tried && value.trim() === '' ? t('patient.required', { field: label }) : undefined;
  return (
    <Confirm
      title={t('consult.signTitle')}
      submit={t('sign.submit')}
      isPending={sign.isPending}
      error={mismatch ? null : sign.error}
      onSubmit={() => {
        setTried(true);
        if (name.trim() && registration.trim()) sign.mutate();
      }}
      onClose={onClose}
    >
      <p>{t('consult.signExplain')}</p>
      {mismatch && (
        <Banner tone="danger" live="alert">
          {t('consult.mismatch')}
        </Banner>
      )}
      <TextField
        label={t('consult.name')}
        value={name}
        onChange={setName}
        error={needed(name, t('consult.name'))}
        autoComplete="name"
      />
      <TextField
        label={t('consult.registration')}
        value={registration}
        onChange={setRegistration}
        error={needed(registration, t('consult.registration'))}
        autoComplete="off"
      />
    </Confirm>
  );
}

function pathOf(visitId: string): string {
  return `/visits/${encodeURIComponent(visitId)}/opinion`;
}
