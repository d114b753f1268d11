import { type ReactElement, type ReactNode, useEffect, useRef } from 'react';

export interface PageProps {
  /** Also the document's title. */
  title: string;
  /** Drawn instead of the title when they differ. */
  heading?: ReactNode;
  lead?: ReactNode;
  /** Above the heading: a way back, the progress. */
  before?: ReactNode;
  children?: ReactNode;
  narrow?: boolean;
  /** The whole width, for workspaces. */
  wide?: boolean;
  /** The title is only spoken. */
  titleHidden?: boolean;
}

/** The `main` of a screen. Its heading takes the focus when the screen opens, so that readers hear where they are. */
export function Page(props: PageProps): ReactElement {
  const { title, heading, lead, before, children, narrow, wide, titleHidden } = props;
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Bianque`;
  }, [title]);
  useEffect(() => {
    const active = document.activeElement;
    if (!active || active === document.body) head.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, []);
  return (
    <main id="main" className="page" data-narrow={narrow || undefined} data-wide={wide || undefined}>
      {before}
      <header className={titleHidden ? 'hidden-text' : 'page-head'}>
        <h1 ref={head} tabIndex={-1} style={{ outline: 'none' }}>
          {heading ?? title}
        </h1>
        {lead && <div className="page-lead">{lead}</div>}
      </header>
      {children}
    </main>
  );
}
