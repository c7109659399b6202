import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCity } from '../../core/config/parse.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { parseDuration } from '../../core/units.ts'

const FIXTURES = join(import.meta.dirname, 'cities')
const read = (name: string) => readFileSync(join(FIXTURES, name), 'utf8')

test('the city file of the documents is read, its paths become absolute', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'city-file.md'), 'utf8')
  const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
  const city = parseCity(example, '/etc/sharp-eyes/city.yaml')
  expect(city.cameras[0]?.credentialsFile).toBe('/etc/sharp-eyes/secrets/cam-1')
  expect(city.cameras[0]?.rules[0]).toMatchObject({ type: 'plume', for: 10_000 })
  expect(city.routes[1]).toMatchObject({
    accept: 7_200_000,
    handle: 259_200_000,
    when: { purpose: ['environment'] },
  })
})

/** Bad files are fixtures named by their defect; the first comment line is what the message must say. */
describe('bad city files', () => {
  const names = readdirSync(FIXTURES)
  test('there are some', () => expect(names.length).toBeGreaterThan(10))

  test.each(names)('%s', (name) => {
    const text = read(name)
    const wanted = /^# (.*)$/m.exec(text)?.[1] ?? 'no comment says what is wanted'
    const place = /^[^:]+:\d+:\d+: /
    try {
      parseCity(text, name)
      expect.fail(`was read without a fault; wanted: ${wanted}`)
    } catch (error) {
      expect(error).toBeInstanceOf(SharpEyesError)
      const { message, code } = error as SharpEyesError
      expect(code).toBe('config_invalid')
      expect(message).toContain(wanted)
      for (const line of message.split('\n')) expect(line).toMatch(place)
    }
  })
})

test('whatever the text is, the answer is a configuration or config_invalid', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      try {
        parseCity(text, 'city.yaml')
      } catch (error) {
        expect((error as SharpEyesError).code).toBe('config_invalid')
      }
    }),
  )
})

test.each([
  ['10s', 10_000],
  ['1.5h', 5_400_000],
  ['3d', 259_200_000],
  ['250ms', 250],
  ['10', null],
  ['-1s', null],
  ['ten', null],
])('duration %s', (text, ms) => expect(parseDuration(text)).toBe(ms))
