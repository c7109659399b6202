import type { Command } from 'commander'
import { SharpEyesError } from '../../core/errors.ts'
import { inspectModel, listModels, type ModelReport, resolveModel } from '../../inference/model/catalogue.ts'
import { readMachine } from '../bench/machine.ts'
import { printReport } from '../bench/report.ts'
import { MODEL_FOLDER } from '../model.ts'
import { evaluateModel, evaluationText } from '../models/evaluate.ts'
import { benchModel, type SpeedOptions } from '../models/speed.ts'
import { filesToVerify, type Verified, verifyModel } from '../models/verify.ts'
import { createProgress } from '../progress.ts'
import { withTools } from '../tools.ts'
import { count } from './number-option.ts'

export function addModels(program: Command): void {
  const models = program.command('models').description('what is known of models').exitOverride()
  models
    .command('list')
    .description('every model of a folder, each loaded and tried')
    .option('--folder <dir>', 'where to look', MODEL_FOLDER)
    .option('--json', 'one JSON line a model')
    .action(async ({ folder, json }: { folder: string; json?: boolean }) => {
      let bar: ReturnType<typeof createProgress> | null = null
      const reports = await listModels(folder, (_, done, total) => {
        bar ??= createProgress(total, 'models')
        bar.at(done)
      })
      ;(bar as ReturnType<typeof createProgress> | null)?.end()
      if (reports.length === 0)
        process.stderr.write(`no model in ${folder}: types that need one are not watched\n`)
      for (const report of reports) process.stdout.write(`${json ? JSON.stringify(report) : line(report)}\n`)
    })
  models
    .command('inspect')
    .description('inputs, outputs, the decoder family found in the graph, labels, and any fault')
    .argument('<id or file>')
    .option('--json', 'one JSON object')
    .action(async (name: string, { json }: { json?: boolean }) => {
      const report = await inspectModel(await resolveModel(name, MODEL_FOLDER))
      process.stdout.write(`${json ? JSON.stringify(report) : describe(report)}\n`)
      if (report.fault) throw new SharpEyesError('model_invalid', report.fault)
    })
  models
    .command('verify')
    .description('each file against the sha256 of its manifest, and tried; exit 1 when one is wrong')
    .argument('[ids or files...]', 'default: every model of the folder')
    .option('--folder <dir>', 'where to look', MODEL_FOLDER)
    .option('--json', 'one JSON line a file')
    .action(async (names: readonly string[], { folder, json }: { folder: string; json?: boolean }) => {
      const files =
        names.length === 0
          ? await filesToVerify(folder)
          : await Promise.all(names.map((name) => resolveModel(name, folder)))
      for (const file of files) {
        const verified = await verifyModel(file)
        process.stdout.write(`${json ? JSON.stringify(verified) : verdict(verified)}\n`)
        if (verified.fault !== null) process.exitCode = 1
      }
    })
  models
    .command('eval')
    .description('average precision (COCO, 101 points) on labelled pictures')
    .argument('<id or file>')
    .requiredOption('--data <dir>', 'images/, labels/ (YOLO) and classes.txt')
    .option('--classes <names>', 'only these, with commas; default: all of classes.txt that the model knows')
    .option('--json', 'one JSON object')
    .action((name: string, { data, classes, json }: { data: string; classes?: string; json?: boolean }) =>
      withTools('models', async (tools) => {
        const only = classes === undefined ? null : classes.split(',').map((label) => label.trim())
        const result = await evaluateModel(name, data, only, tools)
        for (const warning of result.warnings) process.stderr.write(`sharp-eyes: ${warning}\n`)
        process.stdout.write(`${json ? JSON.stringify(result) : evaluationText(result)}\n`)
      }),
    )
  models
    .command('bench')
    .description('processor time and memory of a picture, beside bare ONNX Runtime')
    .argument('<id or file>')
    .option('--pictures <n>', 'pictures a run', count(10, 10_000), 100)
    .option('--runs <n>', 'runs', count(1, 99), 5)
    .option('--json', 'one JSON object')
    .action(async (name: string, { json, ...options }: SpeedOptions & { json?: boolean }) => {
      const machine = readMachine()
      printReport(await benchModel(await resolveModel(name, MODEL_FOLDER), options), machine, json)
    })
}

const line = (report: ModelReport): string =>
  [
    report.id,
    report.family ?? '?',
    `${report.labels.length} labels`,
    report.fault ? `FAULT: ${report.fault}` : 'ok',
  ].join('\t')

const verdict = ({ file, fault }: Verified): string =>
  `${file}\t${fault === null ? 'ok' : `FAULT: ${fault.replaceAll('\n', '; ')}`}`

/** What was found, up to a fault, which the command ends with. */
function describe(report: ModelReport): string {
  const shape = ({ name, type, shape }: ModelReport['inputs'][number]) =>
    `${name} ${type}[${shape.join(', ')}]`
  const rows: [string, string | null][] = [
    ['model', report.id],
    ['file', `${report.file} (${report.bytes ?? '?'} bytes)`],
    ['sha256', report.sha256],
    ['inputs', report.inputs.map(shape).join('; ')],
    ['outputs', report.outputs.map(shape).join('; ')],
    ['family', report.family && `${report.family}: ${report.familyWhy}`],
    [
      'labels',
      report.labelsFrom &&
        `${report.labels.length} (${report.labelsFrom}): ${report.labels.slice(0, 12).join(', ')}${report.labels.length > 12 ? ' …' : ''}`,
    ],
    ['input', report.input && JSON.stringify(report.input)],
    ['thresholds', report.thresholds && JSON.stringify(report.thresholds)],
    ['licence', report.licence],
    ['described by', report.describedBy && `${report.describedBy.kind} ${report.describedBy.file ?? ''}`],
    ...report.notes.map((note): [string, string] => ['note', note]),
  ]
  return rows
    .filter(([, value]) => value)
    .map(([key, value]) => `${key.padEnd(13)}${value}`)
    .join('\n')
}
