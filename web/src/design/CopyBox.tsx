import { type ReactElement, useRef, useState } from 'react';
import { Button } from './Button';
import './copybox.css';

export interface CopyBoxProps {
  /** Spoken name of the box. */
  label: string;
  text: string;
  copy: string;
  copied: string;
  /** Said when the browser refuses; the text is selected instead. */
  failed: string;
}

/** A text to hand on, such as a link: shown whole, selected on focus, copied by a button. */
export function CopyBox({ label, text, copy, copied, failed }: CopyBoxProps): ReactElement {
  const box = useRef<HTMLInputElement>(null);
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null);
  const run = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome('copied');
    } catch {
      box.current?.select();
      setOutcome('failed');
    }
  };
  return (
    <div className="copybox">
      <input
        ref={box}
        className="input"
        readOnly
        aria-label={label}
        value={text}
        onFocus={(event) => event.target.select()}
      />
      <Button kind="primary" icon={outcome === 'copied' ? 'check' : 'copy'} onPress={() => void run()}>
        {outcome === 'copied' ? copied : copy}
      </Button>
      <p className="copybox-said" role="status">
        {outcome === 'failed' ? failed : outcome === 'copied' ? <span className="hidden-text">{copied}</span> : null}
      </p>
    </div>
  );
}
