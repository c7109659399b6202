import type { Command } from 'commander'
import { migrateTopics } from '../../adapters/kafka/topics.ts'
import { migrate } from '../../adapters/postgres/migrate.ts'
import { dataFolder } from '../data-folder.ts'
import { openDatabase } from '../database.ts'
import { withTools } from '../tools.ts'

export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description(
      'bring the database (DATABASE_URL, else the embedded one) and the topics (KAFKA_BROKERS) to this version',
    )
    .option('--data <dir>', 'data folder')
    .option('--adopt-timescale', 'move also a long history into TimescaleDB; nothing else may run meanwhile')
    .action((options: { data?: string; adoptTimescale?: boolean }) =>
      withTools('migrate', async (tools) => {
        const folder = await dataFolder(options.data)
        const { database, kind } = await openDatabase({
          folder,
          tools,
          own: false,
        })
        if (options.adoptTimescale) await migrate(database, tools.log, undefined, { adopt: true })
        const { rows } = await database.query<{ name: string }>('select name from migrations order by name')
        process.stdout.write(
          `${kind} database at ${rows.at(-1)?.name ?? 'no migration'} (${rows.length} migrations)\n`,
        )
        const { kafka } = await tools.settings()
        if (!kafka) return
        const { created, narrow } = await migrateTopics(kafka, tools.log)
        process.stdout.write(`Kafka at ${kafka.brokers.join(', ')}: ${created.length} topics made\n`)
        for (const { topic, partitions, wanted } of narrow)
          process.stdout.write(`${topic} has ${partitions} partitions, ${wanted} are wanted; left as it is\n`)
      }),
    )
}
