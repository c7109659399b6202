import type { Command } from 'commander'
import { SharpEyesError } from '../../core/errors.ts'
import { inspectModel, listModels, type ModelReport, resolveModel } from '../../inference/model/catalogue.ts'
import { MODEL_FOLDER } from '../model.ts'
import { createProgress } from '../progress.ts'

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
}

const line = (report: ModelReport): string =>
  [
    report.id,
    report.family ?? '?',
    `${report.labels.length} labels`,
    report.fault ? `FAULT: ${report.fault}` : 'ok',
  ].join('\t')

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
      `${report.labels.length} (${report.labelsFrom}): ${report.labels.slice(0, 12).join(', ')}${report.labels.length > 12 ? ' …' : ''}`,
    ],
    ['input', report.input && JSON.stringify(report.input)],
    ['thresholds', report.thresholds && JSON.stringify(report.thresholds)],
    ['licence', report.licence],
    ['described by', report.describedBy && `${report.describedBy.kind} ${report.describedBy.file ?? ''}`],
    ...report.notes.map((note): [string, string] => ['note', note]),
    ['fault', report.fault],
  ]
  return rows
    .filter(([, value]) => value)
    .map(([key, value]) => `${key.padEnd(13)}${value}`)
    .join('\n')
}
