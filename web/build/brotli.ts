import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { Plugin } from 'vite';

const compress = promisify(brotliCompress);
const TEXT = /\.(js|css|svg|json|html|webmanifest|txt)$/;

/** Writes a `.br` file beside every text file of the build, so that the server compresses nothing on the way out. */
export function brotliFiles(): Plugin {
  let folder = 'dist';
  return {
    name: 'bianque:brotli',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    closeBundle: {
      // After the service worker has been written.
      order: 'post',
      sequential: true,
      async handler() {
        const files = await readdir(folder, { recursive: true });
        await Promise.all(files.filter((name) => TEXT.test(name)).map((name) => writeBeside(join(folder, name))));
      },
    },
  };
}

async function writeBeside(path: string): Promise<void> {
  const plain = await readFile(path);
  const packed = await compress(plain, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
  });
  if (packed.length < plain.length) await writeFile(`${path}.br`, packed);
}
