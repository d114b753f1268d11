import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, get, post, put } from '../../api/client';
import type { Invitation, Opinion } from '../../api/messages';
import { useSession } from '../../api/session';
import { Banner, Button, Card, Facts, Failure, Loading, TextField } from '../../design';
import { useRoom } from '../../visit/VisitRoom';
import { SaveLine } from '../note/SaveLine';
import type { SaveState } from '../note/noteSession';
import { OpinionText } from '../visit/OpinionPart';
import { Confirm } from '../visit/dialogs/Confirm';

const IDLE_MS = 1_200;

export interface OpinionEditorProps {
  invitation: Invitation | undefined;
  onSigned(opinion: Opinion): void;
}

/** The consultant's opinion: saved as it is written, locked by the signature. */
export function OpinionEditor(props: OpinionEditorProps): ReactElement {
  const { t } = useTranslation('workspace');
  const { visitId, as } = useRoom();
  const opinion = useQuery({
    queryKey: ['opinion', visitId, 'own'],
    queryFn: async () => (await get<{ opinion: Opinion | null }>(pathOf(visitId), { as })).opinion,
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
  return <Writing first={opinion.data} {...props} />;
}

function Writing({ first, ...props }: OpinionEditorProps & { first: Opinion | null }): ReactElement {
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
      {signing && <SignOpinion flush={saving.flush} onClose={() => setSigning(false)} {...props} />}
    </Card>
  );
}

/** Saves after a pause, one request at a time; what was typed meanwhile goes with the next. */
function useSaving(
  text: string,
  first: Opinion | null,
): { state: SaveState; savedAt: string | null; flush(): Promise<void> } {
  const { visitId, as } = useRoom();
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
    running.current = put<{ opinion: Opinion }>(pathOf(visitId), { text: now, version }, { as })
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

interface SignProps extends OpinionEditorProps {
  flush(): Promise<void>;
  onClose(): void;
}

/** Who has an account signs as who they are there; who came by a link repeats what they came in with. */
function SignOpinion({ invitation, flush, onSigned, onClose }: SignProps): ReactElement {
  const { t } = useTranslation('workspace');
  const { visitId, as } = useRoom();
  const queries = useQueryClient();
  const account = useSession().data?.session?.user;
  const known = as === 'account';
  const [typedName, setName] = useState('');
  const [typedRegistration, setRegistration] = useState('');
  const [tried, setTried] = useState(false);
  const name = known ? (invitation?.name ?? account?.name ?? '') : typedName.trim();
  const registration = known ? (account?.registration ?? '') : typedRegistration.trim();
  const sign = useMutation({
    mutationFn: async () => {
      await flush();
      return post<{ opinion: Opinion }>(`${pathOf(visitId)}/sign`, { name, registration }, { as });
    },
    onSuccess: ({ opinion }) => {
      queries.setQueryData(['opinion', visitId, 'own'], opinion);
      void queries.invalidateQueries({ queryKey: ['consults'] });
      onClose();
      onSigned(opinion);
    },
  });
  const mismatch =
    sign.error instanceof ApiError && [403, 422].includes(sign.error.status) && sign.error.code !== 'step-up.needed';
  const needed = (value: string, label: string): string | undefined =>
    tried && value === '' ? t('patient.required', { field: label }) : undefined;
  return (
    <Confirm
      title={t('consult.signTitle')}
      submit={t('sign.submit')}
      isPending={sign.isPending}
      error={mismatch ? null : sign.error}
      onSubmit={() => {
        setTried(true);
        if (name && registration) sign.mutate();
      }}
      onClose={onClose}
    >
      <p>{t(known ? 'consult.signExplainAccount' : 'consult.signExplain')}</p>
      {mismatch && (
        <Banner tone="danger" live="alert">
          {t(known ? 'consult.mismatchAccount' : 'consult.mismatch')}
        </Banner>
      )}
      {known ? (
        <Facts
          items={[
            [t('consult.name'), name],
            [t('consult.registration'), <span className="numbers">{registration}</span>],
          ]}
        />
      ) : (
        <>
          <TextField
            label={t('consult.name')}
            value={typedName}
            onChange={setName}
            error={needed(name, t('consult.name'))}
            autoComplete="name"
          />
          <TextField
            label={t('consult.registration')}
            value={typedRegistration}
            onChange={setRegistration}
            error={needed(registration, t('consult.registration'))}
            autoComplete="off"
          />
        </>
      )}
    </Confirm>
  );
}

function pathOf(visitId: string): string {
  return `/visits/${encodeURIComponent(visitId)}/opinion`;
}
