import { type Command, InvalidArgumentError } from 'commander'
import type { RoleOptions } from '../roles/role.ts'
import { runAlerts } from '../roles/run-alerts.ts'
import { runApi } from '../roles/run-api.ts'
import { type IngestOptions, runIngest } from '../roles/run-ingest.ts'
import { withTools } from '../tools.ts'
import { portOption } from './port-option.ts'

/** `ingest | alerts | api`: one role each, for a site of several processes (docs/deployment.md). */
export function addRoles(program: Command): void {
  const role = (name: string, description: string, port: number) =>
    program
      .command(name)
      .description(description)
      .option('--port <number>', 'port of its health, metrics and pages', portOption, port)
      .option('--listen <address>', 'address to listen on', '127.0.0.1')
      .option('--data <dir>', 'data folder')
  role('api', 'pages, HTTP and what workers talk to (DATABASE_URL)', 8080).action((options: RoleOptions) =>
    withTools('api', (tools) => runApi(options, tools)),
  )
  role('alerts', 'alerts, cases, deliveries (DATABASE_URL, KAFKA_BROKERS)', 8081).action(
    (options: RoleOptions) => withTools('alerts', (tools) => runAlerts(options, tools)),
  )
  role('ingest', 'cameras and sensors of this machine (CONTROL_URL, WORKER_TOKEN_FILE, KAFKA_BROKERS)', 8082)
    .option('--model <id or file>', 'detector, or "none"; default: what models/default.json names')
    .option('--capacity <cameras>', 'cameras that it takes at most', capacity)
    .action((options: IngestOptions) => withTools('ingest', (tools) => runIngest(options, tools)))
}

function capacity(value: string): number {
  const number = Number(value)
  if (Number.isInteger(number) && number >= 1 && number <= 4_096) return number
  throw new InvalidArgumentError('a whole number from 1 to 4096')
}
