import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner, Button, Dialog, ErrorText } from '../../../design';

export interface ConfirmProps {
  title: string;
  children: ReactNode;
  submit: string;
  danger?: boolean;
  isPending: boolean;
  isDisabled?: boolean;
  error: unknown;
  onSubmit(): void;
  onClose(): void;
}

/** A step that somebody has to mean: what it does, the way back, and the deed. */
export function Confirm(props: ConfirmProps): ReactElement {
  const { title, children, submit, danger, isPending, isDisabled, error, onSubmit, onClose } = props;
  const { t } = useTranslation('workspace');
  return (
    <Dialog
      title={title}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t('do.cancelDialog')}</Button>
          <Button
            kind={danger ? 'danger' : 'primary'}
            isPending={isPending}
            isDisabled={isDisabled ?? false}
            onPress={onSubmit}
          >
            {submit}
          </Button>
        </>
      }
    >
      {error ? (
        <Banner tone="danger" live="alert">
          <ErrorText error={error} />
        </Banner>
      ) : null}
      {children}
    </Dialog>
  );
}
