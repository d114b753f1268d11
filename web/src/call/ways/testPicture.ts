/** A picture that is made up: coarse noise that moves, which no encoder makes small. */
export interface TestPicture {
  track: MediaStreamTrack;
  stop(): void;
}

const WIDTH = 640;
const HEIGHT = 360;
const SQUARE = 8;
const EVERY_MS = 40;

export function testPicture(): TestPicture {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const context = canvas.getContext('2d', { alpha: false });
  const draw = (): void => {
    if (!context) return;
    for (let index = 0; index < 400; index += 1) {
      context.fillStyle = `hsl(${Math.random() * 360} 60% ${20 + Math.random() * 60}%)`;
      context.fillRect(at(WIDTH), at(HEIGHT), SQUARE, SQUARE);
    }
  };
  draw();
  // A page that is not shown gets no animation frames, and the test goes on there.
  const timer = setInterval(draw, EVERY_MS);
  const track = canvas.captureStream(1_000 / EVERY_MS).getVideoTracks()[0];
  if (!track) throw new Error('a canvas gives no picture here');
  return {
    track,
    stop: () => {
      clearInterval(timer);
      track.stop();
    },
  };
}

function at(size: number): number {
  return Math.floor((Math.random() * size) / SQUARE) * SQUARE;
}
