import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compressed } from './compressed.ts'
import { fieldWorker } from './field-worker.ts'
import { firstVisit } from './first-visit.ts'

const vendor = (name: string, test: RegExp, priority: number) => ({ name, test, priority })
/**
 * Ours that every page has, with what they need of antd: one chunk. As the bundler cuts them they are twenty of a few
 * hundred bytes, each with a round trip and a kilobyte of headers of its own.
 */
const FRAME =
  /[\\/](web[\\/]src[\\/](api[\\/](http|problem|cameras)|keys[\\/](KeysProvider|KeyList|KeyHint|match|key-groups)|live|theme|time[\\/](format|server-clock|use-now|Moment)|parts[\\/](stored|fault|later|ProblemNotice|problem-text|ListState|SeverityChip|use-media|use-page-title)|session[\\/]session|words[\\/](language|names))|core[\\/]catalogue)/

/** The browser app. Everything is served from the one origin: no CDN, no inline script, no external font. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), fieldWorker(), firstVisit(), compressed()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // A data: URL of a small file would need its own exception in the content security policy.
    assetsInlineLimit: 0,
    // The largest is the map's engine, which is loaded when a map is opened.
    chunkSizeWarningLimit: 1_150,
    rolldownOptions: {
      output: {
        // antd changes seldom and is large: a chunk of its own stays in the browser's cache over our releases.
        codeSplitting: {
          groups: [
            vendor('react', /node_modules[\\/](react|react-dom|scheduler|react-router|@tanstack)[\\/]/, 30),
            vendor('words', /node_modules[\\/](i18next|react-i18next)[\\/]/, 30),
            vendor('frame', FRAME, 20),
          ],
        },
      },
    },
  },
  // Where the program is, `npm run dev` says (app/seed/dev.ts).
  server: { host: '127.0.0.1' },
})
