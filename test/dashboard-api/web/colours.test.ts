import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { contrast } from '../../../dashboard-api/web/src/theme/contrast.ts'
import { DARK, LIGHT, SEVERITY_FILLS } from '../../../dashboard-api/web/src/theme/palette.ts'

const SELECTED = { light: '#dfeafb', dark: '#22364f' }
const TEXTS = ['text', 'secondary', 'tertiary', 'disabled', 'link', 'error', 'warning', 'success'] as const
const GROUNDS = ['ground', 'container', 'elevated'] as const

describe('contrast', () => {
  it('is what WCAG says it is', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5)
    expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2)
    expect(() => contrast('red', '#ffffff')).toThrow('"red"')
  })

  it.each([
    ['light', LIGHT],
    ['dark', DARK],
  ] as const)('of every text reaches 4.5:1 on every ground, %s', (name, palette) => {
    const poor = TEXTS.flatMap((text) =>
      [...GROUNDS.map((ground) => palette[ground]), SELECTED[name]]
        .map((ground) => ({ text, ground, ratio: contrast(palette[text], ground) }))
        .filter(({ ratio }) => ratio < 4.5),
    ).filter(({ text, ground }) => !(text === 'disabled' && ground === SELECTED[name]))
    expect(poor).toEqual([])
  })

  it.each([
    ['light', LIGHT],
    ['dark', DARK],
  ] as const)('of controls and focus reaches 3:1 on every ground, %s', (_name, palette) => {
    for (const ground of GROUNDS) {
      expect(contrast(palette.control, palette[ground])).toBeGreaterThanOrEqual(3)
      expect(contrast(palette.focus, palette[ground])).toBeGreaterThanOrEqual(3)
    }
  })

  it('of each severity reaches 4.5:1 inside, and its shape is its own', () => {
    for (const { fill, text } of Object.values(SEVERITY_FILLS)) {
      expect(contrast(fill, text)).toBeGreaterThanOrEqual(4.5)
      expect(contrast(fill, DARK.ground)).toBeGreaterThanOrEqual(3)
    }
    expect(new Set(Object.values(SEVERITY_FILLS).map(({ shape }) => shape)).size).toBe(4)
  })
})

describe('the style sheets', () => {
  const styles = join(import.meta.dirname, '../../../dashboard-api/web/src/styles')
  const css = readFileSync(join(styles, 'tokens.css'), 'utf8')
  const [light = '', dark = ''] = css.split(':root[data-theme="dark"]')
  const variables = (text: string) =>
    Object.fromEntries([...text.matchAll(/--(\w+): (#[0-9a-f]{6})/g)].map((match) => [match[1], match[2]]))

  it('have the colours that were measured', () => {
    expect(variables(light)).toMatchObject(LIGHT)
    expect(variables(dark)).toMatchObject(DARK)
    expect(variables(light).selected).toBe(SELECTED.light)
    expect(variables(dark).selected).toBe(SELECTED.dark)
    const base = readFileSync(join(styles, 'base.css'), 'utf8')
    for (const { fill } of Object.values(SEVERITY_FILLS)) expect(base).toContain(fill)
  })
})
