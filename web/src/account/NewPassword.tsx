import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, TextField, type TextFieldProps } from '../design';

/** A password field that can be shown, so that it is typed once and right. */
export function NewPassword(props: Omit<TextFieldProps, 'type'>): ReactElement {
  const { t } = useTranslation('account');
  const [shown, setShown] = useState(false);
  return (
    <div className="password">
      <TextField {...props} type={shown ? 'text' : 'password'} spellCheck="false" />
      <Button kind="secondary" icon="eye" aria-pressed={shown} onPress={() => setShown(!shown)} iconOnly>
        {shown ? t('password.hide') : t('password.show')}
      </Button>
    </div>
  );
}

/** Shortest password that the server takes. */
export const SHORTEST = 12;
