import react from '@vitejs/plugin-react';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';
import { brotliFiles } from './build/brotli.ts';
import { assetFileNames, chunkFileNames } from './build/chunks.ts';
import { onlyOurLanguages } from './build/languages.ts';
import { mockApi } from './mock/plugin.ts';

/** The server that `npm run dev` and `npm run preview` speak with; `npm run mock` brings its own. */
const SERVER = process.env.BIANQUE_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig(({ mode }) => {
  const proxy = { '/api': { target: SERVER, ws: true }, '/fhir': { target: SERVER } };
  const mocked = mode === 'mock';
  return {
    plugins: [
      react(),
      onlyOurLanguages(),
      VitePWA({
        strategies: 'injectManifest',
        srcDir: 'src',
        filename: 'sw.ts',
        injectRegister: false,
        manifest: false,
        injectManifest: {
          globPatterns: ['index.html', 'assets/*.{js,css}', 'icons/*.svg', 'manifest.webmanifest'],
          // Charts and the clinician's screens are fetched when they are opened; a patient's phone needs neither.
          // So is sound without WebRTC, which few need, and where it is needed HTTPS passes; and so are the test of the network,
          // what only a visit of several needs, voice messages and recordings.
          globIgnores: ['assets/desk-*', 'assets/sound-*', 'assets/ways-*', 'assets/people-*', 'assets/voice-*'],
          maximumFileSizeToCacheInBytes: 1_000_000,
        },
      }),
      ...(mocked ? [mockApi()] : []),
      brotliFiles(),
    ],
    server: { host: '127.0.0.1', port: 5173, proxy: mocked ? undefined : proxy },
    preview: { host: '127.0.0.1', port: 4173, proxy: mocked ? undefined : proxy },
    build: {
      target: 'es2022',
      manifest: true,
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      rolldownOptions: { output: { chunkFileNames, assetFileNames } },
    },
    // Worklets are modules of the audio thread; Vite builds them as it builds workers.
    worker: { format: 'es', rolldownOptions: { output: { entryFileNames: 'assets/sound-[name]-[hash].js' } } },
    test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'], setupFiles: ['src/test-setup.ts'] },
  };
});
