import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { ensureWebApp } from '../../support/browser.ts'
import { BUILT_WEB } from '../../support/phone.ts'

/** 8 s on 400 kbit/s are 400 kB; a round trip of 400 ms goes to each of page, session and list, and the rest is work. */
const MOST_BYTES = 265_000
/** Six connections a browser: each file more is a share of a round trip. */
const MOST_FILES = 18

beforeAll(ensureWebApp)

/** What a browser asks for before the first rows: of index.html, and of the script that asks early (first-visit.ts). */
function firstVisit(page: string, language: string): readonly string[] {
  const html = readFileSync(join(BUILT_WEB, 'index.html'), 'utf8')
  const named = [...html.matchAll(/(?:src|href)="\/([\w./-]+\.(?:js|css))"/g)].map((match) => match[1] ?? '')
  const early = named.find((name) => name.startsWith('assets/first-'))
  if (!early) throw new Error('index.html asks for nothing early')
  const code = readFileSync(join(BUILT_WEB, early), 'utf8')
  const read = (name: string) => JSON.parse(new RegExp(`const ${name} = (.*)`).exec(code)?.[1] ?? 'null')
  const [files, pages, words] = ['files', 'pages', 'words'].map(read)
  return [...named, ...[...words[language], ...pages[page]].map((n: number) => files[n])]
}

const bytesOf = (name: string): number => {
  const path = join(BUILT_WEB, name)
  try {
    return statSync(`${path}.br`).size
  } catch {
    return statSync(path).size // too small to be packed
  }
}

test.each([
  ['alerts', 'zh-CN'],
  ['alerts', 'en'],
  ['login', 'zh-CN'],
])('the first visit of /%s in %s loads little, and one language', (page, language) => {
  const files = firstVisit(page, language)
  const words = files.filter((name) => /\/all-(zh|en)-/.test(name))
  expect(words.map((name) => name.slice(0, 13))).toEqual([
    language === 'en' ? 'assets/all-en' : 'assets/all-zh',
  ])
  expect(files.length).toBeLessThanOrEqual(page === 'login' ? MOST_FILES + 8 : MOST_FILES)
  const bytes = files.reduce((sum, name) => sum + bytesOf(name), 0)
  expect(bytes).toBeGreaterThan(150_000)
  expect(bytes).toBeLessThan(page === 'login' ? MOST_BYTES + 40_000 : MOST_BYTES)
})
