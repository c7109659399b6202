import { existsSync, readFileSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { runProgram } from './run.ts'

const POM = join(import.meta.dirname, 'pom.xml')
const CACHE = resolve(import.meta.dirname, '../../node_modules/.cache/sharp-eyes')
const LOOK_MS = 200

/** Version of Kafka that `pom.xml` names. */
export const KAFKA_VERSION =
  /<artifactId>kafka_2\.13<\/artifactId>\s*<version>([\w.-]+)</.exec(readFileSync(POM, 'utf8'))?.[1] ??
  'unknown'

/** Folder of Kafka's jars (45 files, 43 MB), whether they are there or not. */
export const KAFKA_JARS = join(CACHE, `kafka-${KAFKA_VERSION}`)

/** Fetches Kafka's jars with Maven, once; answers their folder. Safe when several processes ask at once. */
export async function fetchKafka(): Promise<string> {
  await mkdir(CACHE, { recursive: true })
  const lock = `${KAFKA_JARS}.lock`
  // One process fetches and the others wait: Maven's own store is not made for several writers.
  while (!existsSync(KAFKA_JARS)) {
    if (!(await take(lock))) {
      await delay(LOOK_MS)
      continue
    }
    try {
      if (!existsSync(KAFKA_JARS)) await fetchInto(KAFKA_JARS)
    } finally {
      await rm(lock, { force: true })
    }
  }
  return KAFKA_JARS
}

/** The folder appears whole or not at all: it is filled under another name first. */
async function fetchInto(folder: string): Promise<void> {
  const half = `${folder}.${process.pid}`
  await rm(half, { recursive: true, force: true })
  try {
    await runProgram(
      'mvn',
      [
        '-q',
        '-B',
        '-f',
        POM,
        'dependency:copy-dependencies',
        `-DoutputDirectory=${half}`,
        '-DincludeScope=runtime',
      ],
      import.meta.dirname,
    )
    await rename(half, folder)
  } catch (error) {
    await rm(half, { recursive: true, force: true })
    // Another process was first after all (both had seen the lock of a dead one): its folder is as good.
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error
  }
}

/** A lock file with the owner's process id. The lock of a dead owner is taken away. */
async function take(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx')
    await file.writeFile(String(process.pid))
    await file.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const owner = Number(await readFile(lock, 'utf8').catch(() => ''))
    if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true })
    return false
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // another user's
  }
}
