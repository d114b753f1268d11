import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog as AriaDialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { Button } from './Button';

export interface DialogProps {
  title: ReactNode;
  isOpen: boolean;
  onClose(): void;
  children?: ReactNode;
  /** Buttons at the end; the most important last. */
  actions?: ReactNode;
  /** A drawer at the side instead of a box in the middle. */
  side?: boolean;
  /** `alertdialog` for what must be answered. */
  role?: 'dialog' | 'alertdialog';
  width?: number;
}

export function Dialog({ title, isOpen, onClose, children, actions, side, role, width }: DialogProps): ReactElement {
  const { t } = useTranslation('shell');
  return (
    <ModalOverlay
      className="modal-scrim"
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={role !== 'alertdialog'}
    >
      <Modal
        className="modal"
        data-side={side || undefined}
        style={width ? ({ '--modal-width': `${width}px` } as React.CSSProperties) : {}}
      >
        <AriaDialog className="dialog" {...(role && { role })}>
          <div className="dialog-head">
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            {role !== 'alertdialog' && (
              <Button kind="quiet" icon="close" iconOnly onPress={onClose}>
                {t('close')}
              </Button>
            )}
          </div>
          {children}
          {actions && <div className="dialog-actions">{actions}</div>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
