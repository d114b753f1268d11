import type { ReactElement } from 'react';
import './peers.css';

/** Codes beside each other. */
export function Codes({ of }: { of: readonly string[] }): ReactElement {
  return (
    <span className="peer-codes">
      {of.map((code) => (
        <code key={code} className="small long-id">
          {code}
        </code>
      ))}
    </span>
  );
}
