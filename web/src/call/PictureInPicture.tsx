import { type ReactElement, type RefObject, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Icon } from '../design/Icon';

/** `enterpictureinpicture` is newer than the types of the browser. */
const ENTER = 'enterpictureinpicture' as MediaSessionAction;

/**
 * Shows a picture in a small window over other programs: by the button, and by itself where the browser does that when
 * somebody in a call looks at another program.
 */
export function PictureInPicture({ video, name }: { video: RefObject<HTMLVideoElement | null>; name: string }): ReactElement | null {
  const { t } = useTranslation('call');
  const [small, setSmall] = useState(false);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    const entered = (): void => setSmall(true);
    const left = (): void => setSmall(false);
    element.addEventListener('enterpictureinpicture', entered);
    element.addEventListener('leavepictureinpicture', left);
    return () => {
      element.removeEventListener('enterpictureinpicture', entered);
      element.removeEventListener('leavepictureinpicture', left);
      if (document.pictureInPictureElement === element) void document.exitPictureInPicture().catch(() => undefined);
    };
  }, [video]);
  useEffect(() => onLookingAway(() => void video.current?.requestPictureInPicture().catch(() => undefined)), [video]);
  // A phone that has no such window says so itself.
  if (!document.pictureInPictureEnabled) return null;
  return (
    <AriaButton
      className="tile-small"
      aria-label={t(small ? 'tile.large' : 'tile.small', { name })}
      onPress={() => {
        const change = small ? document.exitPictureInPicture() : video.current?.requestPictureInPicture();
        void Promise.resolve(change).catch(() => undefined);
      }}
    >
      <Icon name="small-window" size={20} />
    </AriaButton>
  );
}

/** Calls back when the browser offers a small window because the page is left; returns how to stop. */
function onLookingAway(enter: () => void): () => void {
  const session = navigator.mediaSession as MediaSession | undefined;
  const handle = (handler: (() => void) | null): void => {
    try {
      session?.setActionHandler(ENTER, handler);
    } catch {
      // Most browsers do not know it; there is the button.
    }
  };
  handle(enter);
  return () => handle(null);
}
