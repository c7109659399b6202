import type { Command } from 'commander'
import { dataFolder } from '../data-folder.ts'
import { openDatabase } from '../database.ts'
import { withTools } from '../tools.ts'

export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description('bring the database to this version of the schema (DATABASE_URL, else the embedded one)')
    .option('--data <dir>', 'data folder')
    .action((options: { data?: string }) =>
      withTools('migrate', async (tools) => {
        const folder = await dataFolder(options.data)
        const { database, kind } = await openDatabase({
          folder,
          tools,
          own: false,
        })
        const { rows } = await database.query<{ name: string }>('select name from migrations order by name')
        process.stdout.write(
          `${kind} database at ${rows.at(-1)?.name ?? 'no migration'} (${rows.length} migrations)\n`,
        )
      }),
    )
}
