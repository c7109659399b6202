import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { parse } from 'yaml'
import { PROJECT_ROOT } from '../../app/data-folder.ts'
import { createProgram } from '../../app/program.ts'
import { SETTING_NAMES } from '../../app/settings.ts'

/** What the tests of deploy/ read, and what they hold it against. */

export const inProject = (...path: readonly string[]): string => join(PROJECT_ROOT, ...path)
export const readText = (...path: readonly string[]): string => readFileSync(inProject(...path), 'utf8')

export interface Service {
  readonly image: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly hostname?: string
  readonly command?: readonly string[]
  readonly entrypoint?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly secrets?: readonly string[]
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
  readonly volumes: Readonly<Record<string, object>>
}

/** deploy/compose.yaml as `docker compose` reads it where no variable is given: `${NAME:-default}` is the default. */
export const readCompose = (): Compose =>
  withDefaults(parse(readText('deploy', 'compose.yaml'), { merge: true })) as Compose

function withDefaults(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(/(?<!\$)\$\{\w+:-([^}]*)\}/g, '$1')
  if (Array.isArray(value)) return value.map(withDefaults)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withDefaults(inner)]))
}

/** Services that run the program. */
export const ourServices = (compose: Compose): readonly (readonly [string, Service])[] =>
  Object.entries(compose.services).filter(([, { image }]) => image.startsWith('sharp-eyes:'))

/** Variables that are no setting of a deployment and are read where they are needed. */
export function otherVariables(): readonly string[] {
  const sources = globSync('{app,adapters}/**/*.ts', { cwd: PROJECT_ROOT }).filter(
    (path) => !/^app\/(bench|seed)\//.test(path),
  )
  const names = sources.flatMap((path) => {
    const text = readText(path)
    return [
      ...[...text.matchAll(/process\.env\.([A-Z_]+)/g)].map((match) => match[1] ?? ''),
      ...[...text.matchAll(/'(FF[A-Z]+_PATH)'/g)].map((match) => match[1] ?? ''),
    ]
  })
  return [...new Set(names)]
}

export const knownVariables = (): ReadonlySet<string> => new Set([...SETTING_NAMES, ...otherVariables()])

/**
 * Takes a command line as the program does, with every action replaced: answers the words of the command that would run.
 * Throws what commander says of a wrong one.
 */
export async function commandOf(args: readonly string[]): Promise<string> {
  let found: string | null = null
  const replace = (command: Command, path: readonly string[]): void => {
    // Faults are thrown, not printed.
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined })
    for (const child of command.commands) replace(child, [...path, child.name()])
    if (command.commands.length > 0) return
    command.action(() => {
      found = path.join(' ')
    })
  }
  const program = createProgram()
  replace(program, [])
  await program.parseAsync([...args], { from: 'user' })
  if (found === null) throw new Error(`"${args.join(' ')}" runs no command`)
  return found
}

/** Value of `--name` in a command line. */
export function flagOf(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(`--${name}`)
  return at < 0 ? undefined : args[at + 1]
}
