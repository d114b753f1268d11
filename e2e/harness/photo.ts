import { expect, type Page, type Route } from '@playwright/test';

/** A photo that no compressor makes small, so that it takes several pieces to send: JPEG, about `side`² bytes. */
export async function noisyJpeg(page: Page, side: number): Promise<Buffer> {
  const base64 = await page.evaluate((side) => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = side;
    const context = canvas.getContext('2d')!;
    const image = context.createImageData(side, side);
    for (let at = 0; at < image.data.length; at += 1) image.data[at] = at % 4 === 3 ? 255 : Math.random() * 256;
    context.putImageData(image, 0, 0);
    return canvas.toDataURL('image/jpeg', 0.95).split(',')[1]!;
  }, side);
  return Buffer.from(base64, 'base64');
}

/** Chooses a photo in the open call and says what it shows. */
export async function sendPhoto(page: Page, bytes: Buffer): Promise<void> {
  await page.getByRole('button', { name: 'Photo', exact: true }).click();
  await page.getByTestId('photo-file').setInputFiles({ name: 'arm.jpg', mimeType: 'image/jpeg', buffer: bytes });
  await page.getByRole('button', { name: 'Send photo' }).click();
}

/** Lets one piece of an upload through and cuts every later one off, until the returned function mends the line. */
export async function cutUploadsAfterOnePiece(page: Page): Promise<{ cut(): number; mend(): Promise<void> }> {
  let pieces = 0;
  let cut = 0;
  const handle = async (route: Route): Promise<void> => {
    if (route.request().method() !== 'PATCH') return route.continue();
    pieces += 1;
    if (pieces === 1) return route.continue();
    cut += 1;
    return route.abort('connectionreset');
  };
  await page.route('**/uploads/*', handle);
  return { cut: () => cut, mend: () => page.unroute('**/uploads/*', handle) };
}

export async function expectPhotos(page: Page, count: number): Promise<void> {
  await expect(page.getByRole('list', { name: 'Photos' }).getByRole('listitem')).toHaveCount(count);
}
