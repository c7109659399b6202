import { existsSync, globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { PROJECT_ROOT } from '../../app/data-folder.ts'
import { createProgram } from '../../app/program.ts'
import { SETTING_NAMES } from '../../app/settings.ts'
import { parseCity } from '../../core/config/parse.ts'
import { sensorSchema } from '../../core/config/sensor.ts'
import { commandOf, inProject, knownVariables, readText } from './files.ts'

const DEPLOYMENT = readText('docs', 'deployment.md')
/** First cells of tables: `| `NAME` | …`, several with commas. */
const documented = [...DEPLOYMENT.matchAll(/^\| (`[A-Z0-9_]+`(?:, `[A-Z0-9_]+`)*) \|/gm)].flatMap((match) =>
  [...(match[1] ?? '').matchAll(/`([A-Z0-9_]+)`/g)].map((name) => name[1] ?? ''),
)

test('every variable that the program reads is in the table, once, and no other', () => {
  expect(SETTING_NAMES).toContain('KAFKA_BROKERS')
  expect([...documented].sort()).toEqual([...knownVariables()].sort())
})

const pages = globSync(['*.md', 'docs/**/*.md', 'deploy/**/*.md', 'models/*.md'], { cwd: PROJECT_ROOT })

/** Command lines of the program in code blocks for a shell, without comments, pipes and redirections. */
function commandsOf(page: string): readonly string[] {
  const blocks = [...readText(page).matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')
  return blocks
    .flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
    .flatMap((line) => {
      const ours =
        /(?:npx sharp-eyes|npm start --|run [^|]*?-T (?:--no-deps )?(?:api|alerts)) ([^#|>;&]+)/.exec(line)
      if (!ours?.[1]) return []
      return [line.includes('npm start') ? `start ${ours[1].trim()}` : ours[1].trim()]
    })
}
const all = pages.flatMap((page) => commandsOf(page).map((command) => ({ page, command })))

test('command lines are found', () => {
  expect(all.length).toBeGreaterThan(12)
})

test.each(all)('$page: $command', async ({ command }) => {
  const words = command.match(/"[^"]*"|\S+/g) ?? []
  await commandOf(words.map((word) => word.replaceAll('"', '')))
})

describe('links', () => {
  const links = pages.flatMap((page) =>
    [...readText(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map((match) => match[1] ?? '')
      .filter((target) => !/^[a-z]+:/.test(target))
      .map((target) => ({ page, target })),
  )
  test('lead to files', () => {
    expect(links.length).toBeGreaterThan(10)
    const dead = links.filter(({ page, target }) => !existsSync(inProject(join(dirname(page), target))))
    expect(dead).toEqual([])
  })
})

test('the city file of its page is one, and its table of sensors has every key', () => {
  const page = readText('docs', 'city-file.md')
  const yaml = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
  const city = parseCity(yaml, inProject('docs', 'city.yaml'))
  expect(city.sensors).toHaveLength(1)
  const section = page.slice(page.indexOf('## Sensors'), page.indexOf('## Who manages what'))
  const told = [...section.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1])
  const keys = new Set(sensorSchema.options.flatMap((option) => Object.keys(option.shape)))
  expect(told.sort()).toEqual([...keys].sort())
})

test('every command of the program is in the table of the README', () => {
  const rows = readText('README.md')
    .split('\n')
    .filter((line) => line.startsWith('| `sharp-eyes '))
    .map((line) => line.split(' | ')[0] ?? '')
    .join(' ')
  const missing = createProgram()
    .commands.filter((command) => !hidden(command))
    .flatMap((command) => [command.name(), ...(command.name() === 'bench' ? namesBelow(command) : [])])
    .filter((name) => !new RegExp(`[\\s\`|]${name}\\b`).test(rows))
  expect(missing).toEqual([])
})

const hidden = (command: Command): boolean =>
  (command as Command & { readonly _hidden?: boolean })._hidden === true
const namesBelow = (command: Command) => command.commands.map((child) => child.name())
