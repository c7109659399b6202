import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { systemClock } from '../../adapters/clock.ts'
import { createLog } from '../../adapters/log.ts'
import { connectPostgres } from '../../adapters/postgres/database.ts'
import { startEmbeddedPostgres } from '../../adapters/postgres/embedded.ts'
import { migrate } from '../../adapters/postgres/migrate.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    postgresUrl: string
  }
}

export const TEMPLATE_DATABASE = 'sharp_eyes_template'

/** One PostgreSQL for the run, with a migrated template that each test file clones (test/support/postgres.ts). */
export default async function setup(project: TestProject) {
  const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-test-'))
  await chmod(folder, 0o755) // as root the server runs as another user, who must reach its files
  const log = createLog('test-setup', 'warn')
  const server = await startEmbeddedPostgres({ folder, log, clock: systemClock, durable: false })
  const admin = connectPostgres({ url: server.url, log, max: 1 })
  await admin.query(`create database ${TEMPLATE_DATABASE}`)
  await admin[Symbol.asyncDispose]()
  const template = connectPostgres({ url: databaseUrl(server.url, TEMPLATE_DATABASE), log, max: 1 })
  await migrate(template, log)
  await template[Symbol.asyncDispose]()
  project.provide('postgresUrl', server.url)
  return async () => {
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  }
}

export function databaseUrl(url: string, name: string): string {
  const target = new URL(url)
  target.pathname = `/${name}`
  return target.href
}
