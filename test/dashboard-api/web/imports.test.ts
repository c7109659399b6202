import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const WEB = join(import.meta.dirname, '../../../dashboard-api/web')
const sources = readdirSync(join(WEB, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => ({ file, text: readFileSync(join(WEB, 'src', file), 'utf8') }))

/** Modules of core without dependencies but gcoord (2 kB): only these may be more than types in a browser. */
const VALUES = [
  'core/api/schema-fault.ts',
  'core/actor.ts',
  'core/catalogue.ts',
  'core/unavailable.ts',
  'core/machine-reason.ts',
  'core/refusal.ts',
  'core/case/words.ts',
  'core/case/working-time.ts',
  'core/case/groups.ts',
  'core/alert.ts',
  'core/config/rule-fields.ts',
  'core/datum.ts',
  'core/config/presets.ts',
  'core/config/camera-url.ts',
  'core/config/camera-csv-form.ts',
  'core/geometry.ts',
  'core/live-boxes.ts',
  'core/map/sites.ts',
  'core/units.ts',
  'core/sensors/factors.ts',
  'core/statistics/figures.ts',
  'core/recording-wire.ts',
]

describe('the browser app', () => {
  it('takes types from core, and values only from modules that pull nothing in', () => {
    const imports = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/^(import|export)( type)? [^'"]*?from '((?:\.\.\/)+core\/[^']+)'/gms)].map(
        (match) => ({
          file,
          type: match[2] !== undefined,
          module: (match[3] as string).replace(/^(\.\.\/)+/, ''),
        }),
      ),
    )
    expect(imports.length).toBeGreaterThan(10)
    expect(imports.filter(({ type, module }) => !type && !VALUES.includes(module))).toEqual([])
  })

  it('imports nothing of the server and nothing of Node', () => {
    const foreign = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/from '([^']+)'/g)]
        .map((match) => match[1] as string)
        .filter(
          (name) =>
            name.startsWith('node:') ||
            (/\/(adapters|alerts|ingest|inference|app)\//.test(name.replace(/^(\.\.?\/)+/, '/../')) &&
              name.startsWith('../../../')),
        )
        .map((name) => `${file}: ${name}`),
    )
    expect(foreign).toEqual([])
  })

  it('names no other host: no request leaves the origin', () => {
    const pages = ['index.html', 'public/theme.js'].map((file) => ({
      file,
      text: readFileSync(join(WEB, file), 'utf8'),
    }))
    const styles = readdirSync(join(WEB, 'src/styles')).map((file) => ({
      file,
      text: readFileSync(join(WEB, 'src/styles', file), 'utf8'),
    }))
    const named = [...sources, ...pages, ...styles].filter(({ text }) =>
      /(https?|wss?):\/\/|url\(/.test(text),
    )
    expect(named.map(({ file }) => file)).toEqual([])
  })

  it('has no inline script and no inline handler', () => {
    const html = readFileSync(join(WEB, 'index.html'), 'utf8')
    expect([...html.matchAll(/<script(?![^>]*\bsrc=)/g)]).toEqual([])
    expect(html).not.toMatch(/\son\w+=/)
    const risky = sources.filter(({ text }) => /dangerouslySetInnerHTML|\beval\(|new Function\(/.test(text))
    expect(risky.map(({ file }) => file)).toEqual([])
  })
})
