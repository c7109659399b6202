import { spawn } from 'node:child_process'

export interface ScriptRun {
  readonly pid: number | undefined
  /** Resolves with everything it said when the script has printed `text`; rejects with it when it ends before. */
  said(text: string): Promise<string>
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  kill(): void
}

/** Runs a TypeScript file in a Node process of its own, for tests that kill it. */
export function runScript(path: string, args: readonly string[]): ScriptRun {
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const listeners = new Set<() => void>()
  const add = (chunk: Buffer) => {
    output += chunk.toString('utf8')
    for (const listener of listeners) listener()
  }
  child.stdout.on('data', add)
  child.stderr.on('data', add)
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  return {
    pid: child.pid,
    exited,
    said: (text) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (output.includes(text)) resolve(output)
        }
        listeners.add(check)
        exited.then(() => reject(new Error(`ended without "${text}": ${output}`)), reject)
        check()
      }),
    kill: () => child.kill('SIGKILL'),
  }
}
