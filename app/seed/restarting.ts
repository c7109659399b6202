import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'
import { NODE_FLAGS } from '../../deploy/setup/node-flags.mjs'
import { PROJECT_ROOT } from '../data-folder.ts'
import type { Tools } from '../tools.ts'

/** Server folders; the browser app's own files are its dev server's business. */
const FOLDERS = ['core', 'ingest', 'inference', 'alerts', 'dashboard-api', 'adapters', 'app', 'models']
const SERVER_FILE = /\.(ts|mjs|sql|json)$/
const BROWSER_APP = /^web[\\/]/
/** Editors write a file in several steps, and a checkout many files. */
const QUIET_MS = 300

/** Runs the program until the signal, and from its start again whenever a server file changes. */
export async function runRestarting(args: readonly string[], { clock, signal }: Tools): Promise<void> {
  let changed = Promise.withResolvers<string>()
  const watchers = FOLDERS.map((folder): FSWatcher => {
    const watcher = watch(join(PROJECT_ROOT, folder), { recursive: true }, (_kind, file) => {
      if (file === null || !SERVER_FILE.test(file)) return
      if (folder === 'dashboard-api' && BROWSER_APP.test(file)) return
      changed.resolve(join(folder, file))
    })
    watcher.on('error', (error) =>
      process.stderr.write(`${folder}: not watched any more: ${error.message}\n`),
    )
    return watcher
  })
  const ended = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null)
    else signal.addEventListener('abort', () => resolve(null), { once: true })
  })
  try {
    while (!signal.aborted) {
      const child = start(args)
      const file = await Promise.race([changed.promise, ended])
      if (file !== null) {
        await clock.sleep(QUIET_MS, signal).catch(() => undefined) // aborted: the child is stopped all the same
        if (!signal.aborted) process.stdout.write(`\n${file} changed: starting again …\n`)
      }
      // What changes from here on is a reason for the next start, not for this one.
      changed = Promise.withResolvers<string>()
      await stop(child)
    }
  } finally {
    for (const watcher of watchers) watcher.close()
  }
}

function start(args: readonly string[]): ChildProcess {
  const main = join(PROJECT_ROOT, 'app', 'main.ts')
  const child = spawn(process.execPath, [...NODE_FLAGS, main, ...args], {
    stdio: 'inherit',
  })
  child.on('error', (error) => process.stderr.write(`the program did not start: ${error.message}\n`))
  child.on('exit', (code) => {
    if (code && !child.killed)
      process.stderr.write(`the program ended with ${code}; it starts again when a file changes\n`)
  })
  return child
}

/** Its own stop drains the spool and ends the database; a terminal's Ctrl+C has told it already. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}
