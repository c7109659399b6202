import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { addWorkerToken } from '../../adapters/postgres/workers.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { tempFolder } from '../support/temp-folder.ts'
import type { ChildLine, ChildOptions } from './workers-child.ts'

export interface FleetWorker {
  readonly name: string
  /** What it said that it holds last: camera → epoch. */
  readonly held: () => ReadonlyMap<string, number>
  /** Events whose start it has in its spool. */
  readonly started: () => readonly string[]
  readonly signal: (signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT') => void
}

export interface Fleet extends AsyncDisposable {
  start(label: string, options?: { updateMs?: number }): Promise<FleetWorker>
  /** What the processes said of troubles. */
  readonly errors: () => string
}

/** One API process on a database, and worker processes that reach it over HTTP. Everything is killed on dispose. */
export async function startFleet(database: TestDatabase): Promise<Fleet> {
  const folder = await tempFolder()
  const children: ChildProcess[] = []
  let errors = ''
  const run = (script: URL, argument: string): ChildProcess => {
    const child = spawn(process.execPath, [script.pathname, argument], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.push(child)
    child.stderr?.on('data', (chunk: Buffer) => {
      errors += chunk.toString('utf8')
    })
    return child
  }
  const lines = (child: ChildProcess) => {
    if (!child.stdout) throw new Error('the child has no standard output')
    return createInterface({ input: child.stdout })
  }

  const api = run(new URL('./workers-api-child.ts', import.meta.url), database.url)
  const [first] = (await Promise.race([
    once(lines(api), 'line'),
    once(api, 'exit').then(() => {
      throw new Error(`the API ended: ${errors}`)
    }),
  ])) as [string]
  const { url } = JSON.parse(first) as { url: string }

  return {
    errors: () => errors,
    async start(label, { updateMs = 1_000 } = {}) {
      const token = await addWorkerToken(database, label, 'test')
      const options: ChildOptions = { url, token, instance: 'one', spool: join(folder.path, label), updateMs }
      const child = run(new URL('./workers-child.ts', import.meta.url), JSON.stringify(options))
      let held: ReadonlyMap<string, number> = new Map()
      const started: string[] = []
      lines(child).on('line', (line) => {
        const said = JSON.parse(line) as ChildLine
        if (said.kind === 'held') held = new Map(said.cameras)
        else started.push(said.event)
      })
      return {
        name: `${label}/one`,
        held: () => held,
        started: () => started,
        signal: (signal) => void child.kill(signal),
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(
        children.map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null) return
          const gone = once(child, 'exit')
          child.kill('SIGKILL')
          await gone
        }),
      )
      await folder[Symbol.asyncDispose]()
    },
  }
}
