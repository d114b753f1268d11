import { type RefObject, useLayoutEffect, useRef, useState } from 'react';

/** Below this width rows stack even where squeezed cells would still fit, px. */
const NARROW_PX = 620;

/** Whether the rows of a table are blocks of their own: where the table would be wider than its frame. */
export function useStacked(stacks: boolean): [frame: RefObject<HTMLDivElement | null>, stacked: boolean] {
  const frame = useRef<HTMLDivElement>(null);
  const [stacked, setStacked] = useState(false);
  /** The width at which the table fits as a table. */
  const needed = useRef(NARROW_PX);
  useLayoutEffect(() => {
    const box = frame.current;
    if (!stacks || !box) return;
    const measure = (): void => {
      if (!stacked) needed.current = Math.max(NARROW_PX, box.scrollWidth);
      setStacked(box.clientWidth < needed.current);
    };
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(box);
    return () => watch.disconnect();
  }, [stacks, stacked]);
  return [frame, stacked];
}
