import type { ReactElement } from 'react';

/** The mark: a gourd, the sign of the travelling physician, with a pulse running through it. */
export function Mark({ size = 32 }: { size?: number }): ReactElement {
  return (
    <svg width={size} height={size} viewBox="0 0 64 64" fill="none" aria-hidden="true">
      <path
        d="M32 10c6.6 0 11 4.6 11 10.3 0 3.4-1.6 5.7-3.1 7.7 6.8 2.9 11.6 8.9 11.6 16.200C51.5 53.6 43 60 32 60s-19.5-6.4-19.5-15.800c0-7.3 4.8-13.3 11.6-16.2-1.5-2-3.1-4.3-3.1-7.700C21 14.6 25.4 10 32 10Z"
        fill="currentColor"
      />
      <path d="M32 10c0-3.6 1.6-6.2 5.6-7" stroke="currentColor" strokeWidth="4" strokeLinecap="round" />
      <path
        d="M16 45h8.5l3.5-8.5 6.5 14.5 3.7-6h9.8"
        stroke="var(--surface, #fff)"
        strokeWidth="3.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
