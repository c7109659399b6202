import { createHash } from 'node:crypto'
import type { Plugin, Rolldown } from 'vite'

/** What people begin with, by the first part of the address, and the sources of its chunks. Other pages ask as they come. */
const FIRST_PAGES: Readonly<Record<string, readonly string[]>> = {
  '': ['alerts/AlertsPage.tsx'],
  alerts: ['alerts/AlertsPage.tsx'],
  login: ['session/LoginPage.tsx'],
  cases: ['cases/CasesPage.tsx'],
  department: ['departments/DepartmentPage.tsx'],
  field: ['field/FieldShell.tsx', 'field/FieldPage.tsx'],
  wall: ['wall/WallPage.tsx'],
}
const WORDS: Readonly<Record<string, string>> = { 'zh-CN': 'words/all-zh.ts', en: 'words/all-en.ts' }

/**
 * Puts a small script at the head of the page that asks for the chunks of the page and of the language together with the
 * entry: without it the browser learns of them only when the entry has run, a round trip later. Chinese is what
 * `startWords` takes where nothing was chosen.
 */
export function firstVisit(): Plugin {
  return {
    name: 'first-visit',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const page = bundle['index.html']
        if (page?.type !== 'asset') throw new Error('index.html is not among what was built')
        const files: string[] = []
        const numbers = (names: Iterable<string>) =>
          [...names].map((name) => {
            if (!files.includes(name)) files.push(name)
            return files.indexOf(name)
          })
        const entry = entryFiles(bundle)
        const of = (sources: readonly string[]) =>
          numbers([...filesOf(bundle, sources)].filter((name) => !entry.has(name)))
        const pages = Object.entries(FIRST_PAGES).map(([name, sources]) => [name, of(sources)])
        const words = Object.entries(WORDS).map(([language, source]) => [language, of([source])])
        const code = script(files, Object.fromEntries(pages), Object.fromEntries(words))
        const hash = createHash('sha256').update(code).digest('hex').slice(0, 8)
        const fileName = `assets/first-${hash}.js`
        this.emitFile({ type: 'asset', fileName, source: code })
        page.source = String(page.source).replace(
          '</title>',
          `</title>\n    <script async src="/${fileName}"></script>`,
        )
      },
    },
  }
}

/** Files that index.html itself asks for. */
function entryFiles(bundle: Rolldown.OutputBundle): ReadonlySet<string> {
  const found = new Set<string>()
  for (const part of Object.values(bundle)) {
    if (part.type === 'chunk' && part.isEntry) collect(bundle, part, found)
  }
  return found
}

/** Files that a page or a dictionary needs before it can be shown, by the ends of its sources' paths. */
function filesOf(bundle: Rolldown.OutputBundle, sources: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  for (const source of sources) {
    const chunk = Object.values(bundle).find(
      (part) => part.type === 'chunk' && part.facadeModuleId?.endsWith(`/src/${source}`),
    )
    if (chunk?.type !== 'chunk') throw new Error(`no chunk was built of ${source}: has it moved?`)
    collect(bundle, chunk, found)
  }
  return found
}

function collect(bundle: Rolldown.OutputBundle, chunk: Rolldown.OutputChunk, found: Set<string>): void {
  if (found.has(chunk.fileName)) return
  found.add(chunk.fileName)
  const { viteMetadata } = chunk as { viteMetadata?: { importedCss?: Set<string> } }
  for (const css of viteMetadata?.importedCss ?? []) found.add(css)
  for (const name of chunk.imports) {
    const next = bundle[name]
    if (next?.type === 'chunk') collect(bundle, next, found)
  }
}

/** `pages` and `words` are numbers of `files`. */
const script = (files: readonly string[], pages: object, words: object) => `;(() => {
  const files = ${JSON.stringify(files)}
  const pages = ${JSON.stringify(pages)}
  const words = ${JSON.stringify(words)}
  let language = null
  try {
    language = localStorage.getItem('sharp-eyes.language')
  } catch {}
  for (const n of [...(words[language] ?? words['zh-CN']), ...(pages[location.pathname.split('/')[1]] ?? [])]) {
    const link = document.createElement('link')
    const style = files[n].endsWith('.css')
    link.rel = style ? 'preload' : 'modulepreload'
    if (style) link.as = 'style'
    // As the style sheets and scripts themselves are asked for: another mode would be another download.
    link.crossOrigin = ''
    link.href = '/' + files[n]
    document.head.append(link)
  }
})()
`
