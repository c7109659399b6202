import type { Command } from 'commander'
import { CATALOGUE, HAZARD_TYPES, typesSeenBy, unavailableBecause } from '../../core/catalogue.ts'
import { toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import { dataFolder } from '../data-folder.ts'
import { openDatabase } from '../database.ts'
import { cityFindings } from '../doctor/city.ts'
import { controlFindings } from '../doctor/control.ts'
import { databaseFindings, externalDatabase } from '../doctor/database.ts'
import { check, type Finding, finding } from '../doctor/finding.ts'
import { kafkaFindings } from '../doctor/kafka.ts'
import {
  dataFolderFinding,
  ffmpegFinding,
  isolationFinding,
  nodeFinding,
  pagesFinding,
} from '../doctor/machine.ts'
import { mqttFindings } from '../doctor/mqtt.ts'
import { oidcFinding } from '../doctor/oidc.ts'
import { s3Finding } from '../doctor/s3.ts'
import { smtpFinding } from '../doctor/smtp.ts'
import { tracesFinding } from '../doctor/traces.ts'
import { chosenModel, openDetector } from '../model.ts'
import type { Settings } from '../settings.ts'
import { type Tools, withTools } from '../tools.ts'

interface Options {
  readonly config?: string
  readonly model?: string
  readonly data?: string
  readonly json?: boolean
}

/** Starting the embedded database, and a model's trial, take their time on a small machine. */
const SLOW_MS = 120_000

/** Readiness of this machine and of every part that the settings name; exit code 1 when something fails. Warnings do not. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'are this machine, the configured parts (database, Kafka, MQTT, SMTP, S3, API) and this city file ready? exit code 1 when something fails',
    )
    .option('--config <city.yaml>', 'check this city file too')
    .option('--model <id or file>', 'check this model')
    .option('--data <dir>', 'data folder')
    .option('--json', 'one JSON object')
    .action((options: Options) =>
      withTools('doctor', async (tools) => {
        const findings = await examine(options, tools)
        if (options.json)
          process.stdout.write(`${JSON.stringify({ ready: !findings.some(failed), findings })}\n`)
        else
          for (const { name, grade, detail } of findings)
            process.stdout.write(`${grade.padEnd(5)}${name.padEnd(17)}${detail}\n`)
        if (findings.some(failed)) process.exitCode = 1
      }),
    )
}

const failed = ({ grade }: Finding) => grade === 'fail'

async function examine(options: Options, tools: Tools): Promise<readonly Finding[]> {
  const settings = await tools.settings().catch((error: unknown) => toSharpEyesError(error))
  if (settings instanceof Error) {
    const faults = settings.message.split('\n').map((fault) => finding('settings', 'fail', fault))
    return [...(await Promise.all(machineChecks(options, tools))).flat(), ...faults]
  }
  const checks = [...machineChecks(options, tools), ...partChecks(options, settings, tools)]
  return (await Promise.all(checks)).flat()
}

function machineChecks({ data, model }: Options, tools: Tools): readonly Promise<readonly Finding[]>[] {
  const { clock } = tools
  return [
    check('node', clock, nodeFinding),
    check('ffmpeg', clock, () => ffmpegFinding(tools.mediaTools())),
    check('data folder', clock, () => dataFolderFinding(data)),
    check('model', clock, () => modelFinding(model, tools), SLOW_MS),
    check('pages', clock, pagesFinding),
    check('isolation', clock, isolationFinding),
  ]
}

/** What the settings name, and nothing else: a worker's machine has no database to ask. */
function partChecks(
  options: Options,
  settings: Settings,
  tools: Tools,
): readonly Promise<readonly Finding[]>[] {
  const { clock, log, metrics } = tools
  const { kafka, mqtt, smtp, s3, control, otlpUrl, oidc } = settings
  return [
    ...databaseChecks(options, settings, tools, clock),
    ...(kafka ? [check('kafka', clock, () => kafkaFindings(kafka, log))] : []),
    ...(mqtt ? [check('mqtt', clock, () => mqttFindings(mqtt))] : []),
    ...(smtp ? [check('smtp', clock, () => smtpFinding(smtp))] : []),
    ...(s3 ? [check('s3', clock, () => s3Finding(s3, { clock, log, metrics }))] : []),
    ...(oidc ? [check('oidc', clock, () => oidcFinding(oidc))] : []),
    ...(control ? [check('control', clock, () => controlFindings(control, clock))] : []),
    ...(otlpUrl ? [check('traces', clock, () => tracesFinding(otlpUrl))] : []),
    ...(options.config
      ? [check('city file', clock, () => cityFindings(options.config ?? '', settings, clock.now()))]
      : []),
  ]
}

function databaseChecks(
  options: Options,
  { databaseUrl, control }: Settings,
  tools: Tools,
  clock: Clock,
): readonly Promise<readonly Finding[]>[] {
  if (databaseUrl) return [check('database', clock, () => externalDatabase(databaseUrl, clock))]
  if (control) return []
  const embedded = async () => {
    const folder = await dataFolder(options.data)
    const { database, kind } = await openDatabase({ folder, tools, own: false })
    return databaseFindings(database, kind, clock)
  }
  return [check('database', clock, embedded, SLOW_MS)]
}

async function modelFinding(option: string | undefined, tools: Tools): Promise<Finding> {
  const choice = chosenModel(option)
  if (!choice)
    return finding(
      'model',
      'warn',
      `none: ${TYPES_OF_MODELS.join(', ')} are not watched (--model, or models/default.json)`,
    )
  const { name, unused } = choice
  const detector = await openDetector(name, tools, { unused })
  const seen = typesSeenBy(detector)
  const missing = TYPES_OF_MODELS.filter((type) => !seen.includes(type)).map(
    (type) => `${type} (${unavailableBecause(type, detector)})`,
  )
  const { id, family } = detector.model
  return finding(
    'model',
    missing.length > 0 ? 'warn' : 'ok',
    `${id} (${family}) watches for ${seen.join(', ') || 'nothing'}${missing.length > 0 ? `; not for ${missing.join('; ')}` : ''}`,
  )
}

/** What needs a model at all. */
const TYPES_OF_MODELS = HAZARD_TYPES.filter((type) => CATALOGUE[type].needs.kind === 'labels')
