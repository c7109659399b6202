import { spawn } from 'node:child_process'
import { SharpEyesError } from '../../core/errors.ts'

/** What has to be installed for a program of this folder, and the one line that installs it. */
const WAY_OUT = {
  java: 'Kafka runs on Java 17 or later: "apt-get install openjdk-17-jre-headless", or put a JDK of yours on the PATH',
  mvn: 'it fetches Kafka from Maven Central: "apt-get install maven", or put the jars into the named folder by hand',
} as const
export type JavaProgram = keyof typeof WAY_OUT

/** The failure of `spawn` in words: a missing program is named with the way out. */
export const spawnFailure = (program: JavaProgram, error: NodeJS.ErrnoException): SharpEyesError =>
  error.code === 'ENOENT'
    ? new SharpEyesError('dependency_missing', `${program} is missing; ${WAY_OUT[program]}`)
    : new SharpEyesError('dependency_missing', `${program} cannot be started (${error.message})`, {
        cause: error,
      })

/** Runs a program to its end. Rejects with its last lines when it fails. */
export async function runProgram(program: JavaProgram, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-4_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(spawnFailure(program, error)))
    child.once('close', resolve)
  })
  if (code !== 0)
    throw new SharpEyesError(
      'dependency_missing',
      `${program} ${args.slice(0, 3).join(' ')} … ended with ${code}:\n${output.trim()}`,
    )
}
