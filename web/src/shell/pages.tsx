import { type ComponentType, type ReactElement, Suspense, lazy } from 'react';
import { PageLoading } from '../design/surfaces';

type Files = Record<string, () => Promise<{ default: ComponentType }>>;

/**
 * How a page is named in routes: by its file below `src`, without its ending. A page is the default export of its file,
 * and is fetched when it is first opened. `files` are those of `import.meta.glob`, and `source` is `src` as they see it.
 */
export function pagesIn(files: Files, source: string) {
  /** `wait` stands in for the page while it is fetched; inside another page it is only a part of one. */
  return function page(file: string, wait: ReactElement = <PageLoading />): ReactElement {
    const load = files[`${source}/${file}.tsx`];
    if (!load) throw new Error(`no page ${file}`);
    const Screen = lazy(load);
    return (
      <Suspense fallback={wait}>
        <Screen />
      </Suspense>
    );
  };
}
