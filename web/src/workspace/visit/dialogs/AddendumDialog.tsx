import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DemoPassword } from '../../../account/DemoPassword';
import { type ProvedBy, SignatureProof, proofBy } from '../../../account/SignatureProof';
import { ApiError, post } from '../../../api/client';
import type { Note } from '../../../api/messages';
import { TextField } from '../../../design';
import { useRoom } from '../../../visit/VisitRoom';
import { Confirm } from './Confirm';

/** Adds to a signed note; the addition is signed by itself. */
export function AddendumDialog({ onClose }: { onClose(): void }): ReactElement {
  const { t } = useTranslation('workspace');
  const { visitId } = useRoom();
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const [password, setPassword] = useState('');
  const [tried, setTried] = useState(false);
  const add = useMutation({
    mutationFn: async (by: 'password' | ProvedBy) => {
      const proof = by === 'password' ? { password } : await proofBy(by);
      return post<{ note: Note }>(`/visits/${encodeURIComponent(visitId)}/addenda`, { text: text.trim(), ...proof });
    },
    onSuccess: ({ note }) => {
      queries.setQueryData(['note', visitId], note);
      onClose();
    },
  });
  const wrong = add.error instanceof ApiError && add.error.code === 'password.wrong';
  const passwordFault = wrong ? t('sign.wrong') : tried && password === '' ? t('sign.passwordNeeded') : undefined;
  return (
    <Confirm
      title={t('addendum.title')}
      submit={t('addendum.submit')}
      isPending={add.isPending && add.variables === 'password'}
      error={wrong ? null : add.error}
      onSubmit={() => {
        setTried(true);
        if (text.trim() !== '' && password !== '') add.mutate('password');
      }}
      onClose={onClose}
    >
      <p>{t('addendum.explain')}</p>
      <TextField
        label={t('addendum.text')}
        value={text}
        onChange={setText}
        multiline
        rows={5}
        error={tried && text.trim() === '' ? t('addendum.needed') : undefined}
        autoFocus
      />
      <TextField
        label={t('sign.password')}
        type="password"
        value={password}
        onChange={(value) => (setPassword(value), add.reset())}
        autoComplete="current-password"
        error={passwordFault}
      />
      <SignatureProof
        pending={add.isPending && add.variables !== 'password' ? add.variables : null}
        onPress={(by) => {
          setTried(true);
          if (text.trim() !== '') add.mutate(by);
        }}
      />
      <DemoPassword />
    </Confirm>
  );
}
