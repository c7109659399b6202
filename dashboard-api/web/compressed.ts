import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const TEXT = /^assets\/[^/]+\.(?:js|css)$/
/** Below this a header more costs what is saved. */
const WORTH_BYTES = 1_024

/**
 * Writes `NAME.br` and `NAME.gz` beside each script and style: packed once at the build, as small as it goes, so that the
 * server sends bytes from the disk. Browsers ask for brotli only under HTTPS and on this machine, and for gzip always.
 */
export function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    async writeBundle({ dir = '' }, bundle) {
      for (const part of Object.values(bundle)) {
        if (!TEXT.test(part.fileName)) continue
        const bytes = Buffer.from(part.type === 'chunk' ? part.code : part.source)
        if (bytes.byteLength < WORTH_BYTES) continue
        await writeFile(join(dir, `${part.fileName}.br`), await promisify(brotliCompress)(bytes))
        await writeFile(join(dir, `${part.fileName}.gz`), await promisify(gzip)(bytes, { level: 9 }))
      }
    },
  }
}
