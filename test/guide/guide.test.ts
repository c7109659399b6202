import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DESKS } from '../e2e/desks/desks.ts'
import { GUIDE, GUIDE_PICTURES, MOST_BYTES, MOST_BYTES_ALL, PICTURES, SHOWN_BY } from './pictures.ts'

const ROOT = resolve(GUIDE, '../..')
const pagesOf = (language: string) =>
  readdirSync(join(GUIDE, language)).filter((name) => name.endsWith('.md'))
const textOf = (language: string) =>
  pagesOf(language)
    .map((name) => readFileSync(join(GUIDE, language, name), 'utf8'))
    .join('\n')
const picturesIn = (text: string) =>
  [...text.matchAll(/!\[[^\]]+\]\(([^)]+\.png)\)/g)].map(([, path = '']) => path)

describe.each(['zh', 'en'])('the guide in %s', (language) => {
  test('shows a picture of every desk, and each picture is there', () => {
    const shown = picturesIn(textOf(language)).map((path) => resolve(GUIDE, language, path))
    const expected = GUIDE_PICTURES.map(({ file }) => join(PICTURES, language, file))
    expect([...new Set(shown)].sort(), 'npm run guide takes them; the text has to show them').toEqual(
      expected.sort(),
    )
    expect(shown.filter((path) => !existsSync(path))).toEqual([])
    expect(readdirSync(join(PICTURES, language)).sort()).toEqual(
      GUIDE_PICTURES.map(({ file }) => file).sort(),
    )
  })

  test('every link leads somewhere', () => {
    const dead: string[] = []
    for (const name of pagesOf(language)) {
      const text = readFileSync(join(GUIDE, language, name), 'utf8')
      for (const [, target = ''] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g))
        if (!existsSync(resolve(GUIDE, language, target))) dead.push(`${language}/${name}: ${target}`)
    }
    expect(dead).toEqual([])
  })
})

test('both languages have the same pages', () => {
  expect(pagesOf('en')).toEqual(pagesOf('zh'))
})

test('desks without a picture of their own name one that has it', () => {
  const names = DESKS.map(({ name }) => name)
  for (const [desk, shownBy] of Object.entries(SHOWN_BY)) {
    expect(names).toContain(desk)
    expect(GUIDE_PICTURES.map(({ desk: each }) => each.name)).toContain(shownBy)
  }
})

test('the pictures are light', () => {
  const sizes = ['zh', 'en'].flatMap((language) =>
    readdirSync(join(PICTURES, language)).map((file) => statSync(join(PICTURES, language, file)).size),
  )
  expect(Math.max(...sizes)).toBeLessThanOrEqual(MOST_BYTES)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MOST_BYTES_ALL)
})

test('the README shows pictures of the guide', () => {
  const shown = picturesIn(readFileSync(join(ROOT, 'README.md'), 'utf8'))
  expect(shown.length).toBeGreaterThan(3)
  expect(
    shown.filter((path) => !path.startsWith('docs/guide/pictures/') || !existsSync(join(ROOT, path))),
  ).toEqual([])
})
