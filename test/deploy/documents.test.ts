import { existsSync, globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PROJECT_ROOT } from '../../app/data-folder.ts'
import { SETTING_NAMES } from '../../app/settings.ts'
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
  expect(all.length).toBeGreaterThan(20)
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
