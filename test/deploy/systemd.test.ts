import { execFile } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { PROJECT_ROOT } from '../../app/data-folder.ts'
import { readSettings } from '../../app/settings.ts'
import { NODE_FLAGS } from '../../deploy/setup/node-flags.mjs'
import { onPath } from '../support/services.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { commandOf, flagOf, inProject, knownVariables, readText } from './files.ts'

const FOLDER = 'deploy/systemd'
/** Where the units expect the project. */
const INSTALLED = '/opt/sharp-eyes'
const units = readdirSync(inProject(FOLDER)).filter((name) => name.endsWith('.service'))
const roleOf = (unit: string) => /^sharp-eyes-(\w+)\.service$/.exec(unit)?.[1] ?? unit
const keyOf = (unit: string, key: string) =>
  new RegExp(`^${key}=(.*)$`, 'm').exec(readText(FOLDER, unit))?.[1] ?? ''
const startOf = (unit: string) => keyOf(unit, 'ExecStart').split(' ')

/** Variables of an example, those that are commented out too. */
const variablesOf = (file: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...readText(FOLDER, file).matchAll(/^#?([A-Z0-9_]+)=(.*)$/gm)].map((match) => [
      match[1],
      match[2]?.replace(/^"(.*)"$/, '$1'),
    ]),
  )

test('each role has a unit', () => {
  expect(units.map(roleOf).sort()).toEqual(['alerts', 'api', 'ingest'])
})

describe.each(units)('%s', (unit) => {
  test('starts the role that it is named for, with the flags of the project', async () => {
    const [node = '', ...args] = startOf(unit)
    expect(node).toBe(`${INSTALLED}/node_modules/.bin/node`)
    expect(args.slice(0, NODE_FLAGS.length)).toEqual(NODE_FLAGS)
    const [main, ...rest] = args.slice(NODE_FLAGS.length)
    expect(join(keyOf(unit, 'WorkingDirectory'), main ?? '')).toBe(`${INSTALLED}/app/main.ts`)
    expect(await commandOf(rest)).toBe(roleOf(unit))
  })

  test('writes only where it may', () => {
    expect(keyOf(unit, 'ProtectSystem')).toBe('strict')
    expect(flagOf(startOf(unit), 'data')).toMatch(
      new RegExp(`^/var/lib/${keyOf(unit, 'StateDirectory')}/[a-z]+$`),
    )
  })

  test('names an environment file that has an example', () => {
    const file = keyOf(unit, 'EnvironmentFile').replace('/etc/sharp-eyes/', '')
    expect(readdirSync(inProject(FOLDER))).toContain(`${file}.example`)
  })

  test.skipIf(!onPath('systemd-analyze'))('is accepted by systemd', async () => {
    await using folder = await tempFolder()
    const copy = join(folder.path, unit)
    // It looks whether what is started is there: in this checkout.
    writeFileSync(copy, readText(FOLDER, unit).replaceAll(INSTALLED, PROJECT_ROOT))
    const { stderr } = await promisify(execFile)('systemd-analyze', ['verify', '--man=no', copy])
    expect(stderr).toBe('')
  })
})

test('roles that share a machine do not share a port, and a worker has a data folder of its own', () => {
  const ports = units.map((unit) => flagOf(startOf(unit), 'port'))
  expect(new Set(ports).size).toBe(units.length)
  const folders = new Map(units.map((unit) => [roleOf(unit), flagOf(startOf(unit), 'data')]))
  expect(folders.get('ingest')).not.toBe(folders.get('api'))
  // Evidence on the disk of one machine: the one who writes it and the one who shows it.
  expect(folders.get('alerts')).toBe(folders.get('api'))
})

describe.each(['site.env.example', 'worker.env.example'])('%s', (file) => {
  test('has only variables that the program knows, each with a value that it takes', async () => {
    const known = knownVariables()
    const variables = variablesOf(file)
    expect(Object.keys(variables).filter((name) => !known.has(name))).toEqual([])
    await using folder = await tempFolder()
    const secret = join(folder.path, 'secret')
    writeFileSync(secret, 'placeholder')
    await readSettings(
      Object.fromEntries(
        Object.entries(variables).map(([name, value]) => [name, name.endsWith('_FILE') ? secret : value]),
      ),
    )
  })

  test('can be read by a shell too: what has blanks or brackets is quoted', () => {
    const odd = readText(FOLDER, file)
      .split('\n')
      .filter((line) => /^#?[A-Z0-9_]+=/.test(line))
      .filter((line) => !/^#?[A-Z0-9_]+=("[^"$`\\]*"|[\w./:@%+,-]*)$/.test(line))
    expect(odd).toEqual([])
  })
})

test('a worker has neither the database nor the evidence store', () => {
  expect(
    Object.keys(variablesOf('worker.env.example')).filter((name) => /^(DATABASE|S3|SESSION)_/.test(name)),
  ).toEqual([])
})
