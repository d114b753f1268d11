import { type ReactElement, type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner, Button, Dialog, ErrorText } from '../design';

export interface EditDialogProps {
  title: ReactNode;
  onClose(): void;
  /** How sending goes: a mutation. */
  save: { isPending: boolean; isError: boolean; error: unknown };
  /** Looks at the entries, and sends them if they are good. */
  onSubmit(): void;
  children: ReactNode;
  /** On the button, instead of "Save". */
  submit?: string;
  /** The button takes something away that does not come back by itself. */
  danger?: boolean;
  isDisabled?: boolean;
  width?: number;
}

/** The frame in which something is edited: entries, what went wrong with sending them, and the way out. */
export function EditDialog(props: EditDialogProps): ReactElement {
  const { title, onClose, save, onSubmit, children, submit, danger, isDisabled, width } = props;
  const { t } = useTranslation('admin');
  const fault = useRef<HTMLDivElement>(null);
  // Whoever pressed the button at the end of a long form sees why nothing came of it.
  useEffect(() => {
    if (save.isError) fault.current?.scrollIntoView({ block: 'center' });
  }, [save.isError, save.error]);
  return (
    <Dialog
      title={title}
      isOpen
      onClose={onClose}
      {...(width !== undefined && { width })}
      actions={
        <>
          <Button onPress={onClose}>{t('cancel')}</Button>
          <Button kind={danger ? 'danger' : 'primary'} isPending={save.isPending} isDisabled={isDisabled ?? false} onPress={onSubmit}>
            {submit ?? t('save')}
          </Button>
        </>
      }
    >
      {save.isError && (
        <div ref={fault}>
          <Banner tone="danger" live="alert">
            <ErrorText error={save.error} />
          </Banner>
        </div>
      )}
      {children}
    </Dialog>
  );
}
