import { type CSSProperties, type RefObject, useEffect, useRef, useState } from 'react';

/** How far the sticky bars reach down, as `--visit-top`, so that the dock starts below them whatever they hold. */
export function useTopHeight(): { ref: RefObject<HTMLDivElement | null>; style: CSSProperties } {
  const ref = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(150);
  useEffect(() => {
    const box = ref.current;
    if (!box) return;
    const measure = (): void => {
      const bar = document.querySelector('.top-bar')?.getBoundingClientRect().height ?? 0;
      setHeight(Math.ceil(bar + box.getBoundingClientRect().height));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    measure();
    return () => observer.disconnect();
  }, []);
  return { ref, style: { '--visit-top': `calc(${height}px + var(--corrected-height, 0px))` } as CSSProperties };
}
