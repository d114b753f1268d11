import type { DataUse } from './dataUse';

export interface Size {
  width: number;
  height: number;
}

/** How the sizes of pictures are told: by the id of their track, the shorter side as it is shown, in pixels of the device. */
export type Sides = ReadonlyMap<string, number>;

/** A window that is dragged changes sizes many times a second; nobody needs to be told each. */
const SETTLE_MS = 250;
/** So small that the smallest size that is sent is large enough. */
const SMALLEST = 1;

/** Which pictures are on the screen, and how large: what is not seen need not be sent. */
export class ShownPictures {
  #sides = new Map<string, number>();
  #use: DataUse;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    use: DataUse,
    private readonly tell: (sides: Sides) => void,
  ) {
    this.#use = use;
    document.addEventListener('visibilitychange', this.#later);
    // Both bubble from the picture that goes into a window of its own.
    document.addEventListener('enterpictureinpicture', this.#later);
    document.addEventListener('leavepictureinpicture', this.#later);
  }

  /** A tile shows the track with this shorter side, or no longer. */
  set(track: string, side: number | null): void {
    if (this.#sides.get(track) === (side ?? undefined)) return;
    if (side === null) this.#sides.delete(track);
    else this.#sides.set(track, side);
    this.#later();
  }

  setUse(use: DataUse): void {
    this.#use = use;
    this.#tellNow();
  }

  /** What is to be sent as things stand. */
  get sides(): Sides {
    const hidden = document.visibilityState === 'hidden' && !document.pictureInPictureElement;
    if (hidden || this.#use === 'sound') return new Map();
    if (this.#use === 'full') return new Map(this.#sides);
    return new Map([...this.#sides.keys()].map((track) => [track, SMALLEST]));
  }

  close(): void {
    clearTimeout(this.#timer);
    document.removeEventListener('visibilitychange', this.#later);
    document.removeEventListener('enterpictureinpicture', this.#later);
    document.removeEventListener('leavepictureinpicture', this.#later);
  }

  readonly #later = (): void => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tellNow(), SETTLE_MS);
  };

  #tellNow(): void {
    clearTimeout(this.#timer);
    this.tell(this.sides);
  }
}

/**
 * The shorter side of a picture as it is shown, in pixels of the device. A picture of which nothing came yet is taken to
 * fill its box.
 */
export function shownSide(box: Size, picture: Size, fit: string, ratio: number): number {
  const { width, height } = picture.width && picture.height ? picture : box;
  const scales = [box.width / (width || 1), box.height / (height || 1)];
  const scale = fit === 'cover' ? Math.max(...scales) : Math.min(...scales);
  return Math.round(Math.min(width, height) * scale * ratio);
}

/** Tells how large a picture is shown for as long as it is seen; returns how to stop. */
export function watchSide(video: HTMLVideoElement, tell: (side: number | null) => void): () => void {
  let seen = true;
  const measure = (): void => {
    const box = { width: video.clientWidth, height: video.clientHeight };
    const picture = { width: video.videoWidth, height: video.videoHeight };
    tell(seen && box.width ? shownSide(box, picture, getComputedStyle(video).objectFit, devicePixelRatio) : null);
  };
  const resized = new ResizeObserver(measure);
  const scrolled = new IntersectionObserver((entries) => {
    seen = entries.at(-1)?.isIntersecting ?? true;
    measure();
  });
  resized.observe(video);
  scrolled.observe(video);
  video.addEventListener('resize', measure);
  return () => {
    resized.disconnect();
    scrolled.disconnect();
    video.removeEventListener('resize', measure);
    tell(null);
  };
}
