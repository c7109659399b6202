import type { Command } from 'commander'
import { applyConfig, type ConfigChange, configObjects } from '../../adapters/postgres/config-store.ts'
import { machineReasons } from '../../core/machine-reason.ts'
import { applyPasswords } from '../accounts.ts'
import { notBuiltYet, readCityFile } from '../city-file.ts'
import { dataFolder } from '../data-folder.ts'
import { openDatabase } from '../database.ts'
import { withTools } from '../tools.ts'
import { whoRuns } from '../who-runs.ts'

export function addApply(program: Command): void {
  program
    .command('apply')
    .description(
      'make the configuration equal to a city file: cameras, zones, rules, departments, routes, users',
    )
    .requiredOption('-f, --file <city.yaml>', 'the city file')
    .option('--diff', 'only show what would change')
    .option('--data <dir>', 'data folder')
    .action(({ file, diff, data }: { file: string; diff?: boolean; data?: string }) =>
      withTools('apply', async (tools) => {
        const city = await readCityFile(file)
        const folder = await dataFolder(data)
        const { database } = await openDatabase({ folder, tools, own: false })
        const options = { actor: whoRuns(), reason: machineReasons.write('apply', { file }), write: !diff }
        const changes = await applyConfig(database, configObjects(city), options)
        if (!diff) await applyPasswords(database, city.users)
        for (const note of notBuiltYet(city)) process.stderr.write(`${note}\n`)
        for (const change of changes) process.stdout.write(`${describeChange(change)}\n`)
        process.stdout.write(
          changes.length === 0
            ? 'nothing to change\n'
            : `${changes.length} ${diff ? 'would change' : 'applied'}\n`,
        )
      }),
    )
}

const SIGNS = { added: '+', changed: '~', removed: '-', kept_by_desk: '=' } as const

function describeChange({ kind, id, change, keys }: ConfigChange): string {
  const what =
    change === 'changed'
      ? `: ${keys.join(', ')}`
      : change === 'kept_by_desk'
        ? ': managed at the desk, left as it is'
        : ''
  return `${SIGNS[change]} ${kind} ${id}${what}`
}
