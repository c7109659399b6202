import { writeSync } from 'node:fs'
import { connectPostgres } from '../../adapters/postgres/database.ts'
import { silentLog } from '../support/log.ts'
import { startWorkerServer } from './control-server.ts'

// The pages' server as far as workers see it, in a process of its own. Says its address on standard output.
const [url = ''] = process.argv.slice(2)
const database = connectPostgres({ url, log: silentLog, max: 8, name: 'workers-api' })
const server = await startWorkerServer({ database, settleMs: 4_000 })
writeSync(1, `${JSON.stringify({ url: server.url })}\n`)
