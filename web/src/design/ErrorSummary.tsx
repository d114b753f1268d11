import { type ReactElement, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

export interface Fault {
  /** The id of the field that it is about. */
  field: string;
  text: string;
}

/** What must be put right, above the form. Takes the focus each time that a new list of faults arrives. */
export function ErrorSummary({ faults }: { faults: readonly Fault[] }): ReactElement | null {
  const { t } = useTranslation('shell');
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (faults.length > 0) box.current?.focus();
  }, [faults]);
  if (faults.length === 0) return null;
  return (
    <div className="error-summary" role="alert" tabIndex={-1} ref={box} aria-labelledby="error-summary-title">
      <h2 id="error-summary-title">{t('problem')}</h2>
      <ul>
        {faults.map((fault) => (
          <li key={fault.field + fault.text}>
            <a href={`#${fault.field}`} onClick={(event) => (event.preventDefault(), focusOn(fault.field))}>
              {fault.text}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

function focusOn(id: string): void {
  const target = document.getElementById(id);
  if (!target) return;
  const control = target.matches('input,textarea,select,button') ? target : target.querySelector<HTMLElement>('input,textarea,select,button');
  (control ?? target).focus();
  target.scrollIntoView({ block: 'center' });
}
