import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { build, type Plugin, type Rolldown } from 'vite'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const FILE = 'field-sw.js'
/** Of public/, which the page asks for beside its chunks. */
const BESIDE = ['/theme.js', '/favicon.svg']

/**
 * Builds the service worker of /field as one file that lists what its page is made of: the entry, the field's chunks, and
 * nothing of the desks. Ours and small, because installations without development packages build the app too, and
 * vite-plugin-pwa brings some two hundred of them.
 */
export function fieldWorker(): Plugin {
  return {
    name: 'field-worker',
    apply: 'build',
    async generateBundle(_options, bundle) {
      const files = [...shellOf(bundle), ...BESIDE].sort()
      const version = createHash('sha256').update(files.join()).digest('hex').slice(0, 12)
      const result = await build({
        configFile: false,
        logLevel: 'warn',
        publicDir: false,
        define: { __SHELL__: JSON.stringify({ version, files }) },
        build: {
          write: false,
          target: 'es2022',
          lib: {
            entry: at('./src/field/worker/sw.ts'),
            formats: ['iife'],
            name: 'fieldWorker',
            fileName: () => FILE,
          },
        },
      })
      const [output] = [result].flat() as Rolldown.RolldownOutput[]
      const code = output?.output.find((part) => part.type === 'chunk')?.code
      if (!code) throw new Error('the service worker was built to nothing')
      this.emitFile({ type: 'asset', fileName: FILE, source: code })
    },
  }
}

/** Files of the entry, of both languages, and of the field's pages, with everything that they load. */
function shellOf(bundle: Rolldown.OutputBundle): readonly string[] {
  const chunks = Object.values(bundle).filter((part) => part.type === 'chunk')
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]))
  const found = new Set<string>()
  const add = (name: string, lazy: boolean): void => {
    const chunk = byName.get(name)
    if (!chunk || found.has(`/${name}`)) return
    found.add(`/${name}`)
    const { viteMetadata } = chunk as { viteMetadata?: { importedCss?: Set<string> } }
    for (const css of viteMetadata?.importedCss ?? []) found.add(`/${css}`)
    for (const next of [...chunk.imports, ...(lazy ? chunk.dynamicImports : [])]) add(next, lazy)
  }
  const isField = (chunk: Rolldown.OutputChunk) =>
    /\/src\/field\/Field(Shell|Page)\.tsx$/.test(chunk.facadeModuleId ?? '')
  const pages = chunks.filter(isField)
  if (pages.length < 2)
    throw new Error('the chunks of the field pages were not found: has their folder moved?')
  for (const chunk of chunks) {
    if (chunk.isEntry || /\/src\/words\/all-\w+\.ts$/.test(chunk.facadeModuleId ?? ''))
      add(chunk.fileName, false)
  }
  for (const chunk of pages) add(chunk.fileName, true)
  return [...found]
}
