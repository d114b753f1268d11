import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { post, put } from '../../api/client';
import { Banner, Button, Dialog, ErrorText, TextField } from '../../design';
import { ConsentWords } from './ConsentWords';
import { CONSENTS_KEY, type ConsentTexts, draftFor } from './consents';

interface DraftDialogProps {
  consents: ConsentTexts;
  organization: string | null;
  onClose(): void;
}

/** Writes a draft, shows it as patients will see it, and publishes it. What is published never changes. */
export function DraftDialog({ consents, organization, onClose }: DraftDialogProps): ReactElement {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const [begun] = useState(() => draftFor(consents, organization));
  const [text, setText] = useState(begun.text);
  const [from, setFrom] = useState('');
  const [preview, setPreview] = useState(false);
  const keep = (answer: ConsentTexts): ConsentTexts => {
    queries.setQueryData(CONSENTS_KEY, answer);
    return answer;
  };
  const save = async (): Promise<number> => {
    const revision = draftFor(consents, organization).revision;
    const body = { organization_id: organization, text, revision };
    return draftFor(keep(await put<ConsentTexts>('/admin/consents/draft', body)), organization).revision;
  };
  const saving = useMutation({ mutationFn: save, onSuccess: onClose });
  const publishing = useMutation({
    mutationFn: async () => {
      const revision = await save();
      const valid_from = from === '' ? null : new Date(from).toISOString();
      keep(await post<ConsentTexts>('/admin/consents', { organization_id: organization, revision, valid_from }));
    },
    onSuccess: onClose,
  });
  const failed = saving.error ?? publishing.error;
  const busy = saving.isPending || publishing.isPending;
  const whole = text.en.trim() !== '' && text.zh.trim() !== '';
  return (
    <Dialog
      title={t(preview ? 'consents.previewTitle' : 'consents.draftTitle')}
      isOpen
      onClose={onClose}
      width={900}
      actions={
        <>
          <Button icon={preview ? 'edit' : 'eye'} onPress={() => setPreview(!preview)}>
            {t(preview ? 'consents.edit' : 'consents.preview')}
          </Button>
          <Button isPending={saving.isPending} isDisabled={busy} onPress={() => saving.mutate()}>
            {t('consents.save')}
          </Button>
          {preview && (
            <Button kind="primary" isPending={publishing.isPending} isDisabled={busy || !whole} onPress={() => publishing.mutate()}>
              {t('consents.publish')}
            </Button>
          )}
        </>
      }
    >
      {failed && (
        <Banner tone="danger" live="alert">
          <ErrorText error={failed} />
        </Banner>
      )}
      {preview ? (
        <>
          <ConsentWords text={text} />
          {!whole && <Banner tone="warn">{t('consents.bothNeeded')}</Banner>}
          <TextField
            label={t('consents.from')}
            hint={t('consents.fromHint')}
            type="datetime-local"
            value={from}
            onChange={setFrom}
          />
          <p className="soft small">{t('consents.forEver')}</p>
        </>
      ) : (
        (['en', 'zh'] as const).map((language) => (
          <TextField
            key={language}
            label={t(`consents.${language}`)}
            hint={t('consents.paragraphs')}
            multiline
            rows={9}
            lang={language}
            value={text[language]}
            onChange={(words) => setText((before) => ({ ...before, [language]: words }))}
          />
        ))
      )}
    </Dialog>
  );
}
