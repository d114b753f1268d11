import { type PointerEvent, type ReactElement, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../design/Icon';
import type { CallView } from './controller';

const CORNERS = ['top-end', 'bottom-end', 'bottom-start', 'top-start'] as const;
type Corner = (typeof CORNERS)[number];

/** One's own picture in a corner, as in a mirror. Dragged with a finger, or moved on by pressing it. */
export function SelfView({ view }: { view: CallView }): ReactElement {
  const { t } = useTranslation('call');
  const box = useRef<HTMLButtonElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const [corner, setCorner] = useState<Corner>('top-end');
  const drag = useRef<{ x: number; y: number; moved: boolean } | null>(null);
  const { selfView } = view;
  useEffect(() => {
    if (video.current) video.current.srcObject = selfView;
  }, [selfView]);

  const down = (event: PointerEvent<HTMLButtonElement>): void => {
    drag.current = { x: event.clientX, y: event.clientY, moved: false };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent<HTMLButtonElement>): void => {
    const from = drag.current;
    if (!from || !box.current) return;
    const [x, y] = [event.clientX - from.x, event.clientY - from.y];
    if (Math.hypot(x, y) > 8) from.moved = true;
    if (from.moved) box.current.style.transform = `translate(${x}px, ${y}px)`;
  };
  const up = (): void => {
    const element = box.current;
    const stage = element?.parentElement;
    if (drag.current?.moved && element && stage) setCorner(nearest(element.getBoundingClientRect(), stage.getBoundingClientRect()));
    if (element) element.style.transform = '';
  };
  const press = (): void => {
    // The press that ends a drag is not a press.
    if (!drag.current?.moved) setCorner(CORNERS[(CORNERS.indexOf(corner) + 1) % CORNERS.length] ?? 'top-end');
    drag.current = null;
  };
  return (
    <button
      type="button"
      ref={box}
      className="self-view"
      data-corner={corner}
      aria-label={t('self.move')}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
      onClick={press}
    >
      {selfView ? (
        <video ref={video} className={isRear(selfView) ? undefined : 'mirrored'} autoPlay muted playsInline />
      ) : (
        <span className="self-off">
          <Icon name="camera-off" size={24} />
          <span className="small">{t(`self.camera-${view.camera}`)}</span>
        </span>
      )}
      {view.microphone !== 'on' && (
        <span className="self-muted">
          <Icon name="microphone-off" size={16} />
        </span>
      )}
    </button>
  );
}

/** What is before a rear camera is seen as it is; in a mirror its letters would stand the wrong way round. */
function isRear(stream: MediaStream): boolean {
  return stream.getVideoTracks()[0]?.getSettings().facingMode === 'environment';
}

function nearest(box: DOMRect, stage: DOMRect): Corner {
  const end = box.left + box.width / 2 > stage.left + stage.width / 2;
  const top = box.top + box.height / 2 < stage.top + stage.height / 2;
  return `${top ? 'top' : 'bottom'}-${end ? 'end' : 'start'}`;
}
