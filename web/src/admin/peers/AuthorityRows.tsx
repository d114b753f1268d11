import { type ReactElement, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Icon, TextField } from '../../design';
import { type Authority, isSystem } from './peers';

interface AuthorityRowsProps {
  authorities: readonly Authority[];
  /** What they are for, and how the other system writes them. */
  words: { hint: string; name: string; nameHint: string };
  onChange(authorities: Authority[]): void;
  /** Somebody tried to go on. */
  tried: boolean;
  /** What is wrong with them together, in words. */
  error?: string | undefined;
}

/** What each assigning authority is here: as the other system writes it, and the system of its identifiers. */
export function AuthorityRows({ authorities, words, onChange, tried, error }: AuthorityRowsProps): ReactElement {
  const { t } = useTranslation('peers');
  const set = (at: number, part: Partial<Authority>): void =>
    onChange(authorities.map((one, index) => (index === at ? { ...one, ...part } : one)));
  const fault = useId();
  const firstBad = authorities.findIndex(({ system }) => !isSystem(system));
  return (
    <fieldset className="peer-part">
      <legend>{t('form.authorities')}</legend>
      <p className="field-hint">{words.hint}</p>
      {authorities.map((one, at) => (
        // Rows have no name of their own, and only the last is ever added.
        <div className="peer-authority" key={at} role="group" aria-label={t('form.authority', { number: at + 1 })}>
          <TextField
            label={words.name}
            hint={words.nameHint}
            value={one.name}
            onChange={(name) => set(at, { name })}
            autoComplete="off"
            spellCheck="false"
          />
          <TextField
            {...(at === firstBad && { id: 'peer-authorities' })}
            label={t('form.authoritySystem')}
            hint="urn:oid:… / https://…"
            value={one.system}
            onChange={(system) => set(at, { system })}
            autoComplete="off"
            spellCheck="false"
            error={tried && !isSystem(one.system) ? t('form.bad.authorities') : undefined}
          />
          <Button
            kind="quiet"
            icon="close"
            aria-label={t('form.removeAuthority', { number: at + 1 })}
            onPress={() => onChange(authorities.filter((_, index) => index !== at))}
          >
            {t('form.removeRow')}
          </Button>
        </div>
      ))}
      {error && (
        <p className="field-error" id={fault}>
          <Icon name="alert" size={18} />
          <span>{error}</span>
        </p>
      )}
      <div>
        <Button
          icon="plus"
          {...(firstBad < 0 && { id: 'peer-authorities' })}
          {...(error && { 'aria-describedby': fault })}
          onPress={() => onChange([...authorities, { name: '', system: '' }])}
        >
          {t('form.addAuthority')}
        </Button>
      </div>
    </fieldset>
  );
}
