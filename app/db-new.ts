import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT_ROOT } from './data-folder.ts'

/** `npm run db:new NAME`: the next numbered migration. Migrations go forward only and are never edited once they are landed. */
const name = process.argv[2]
if (!name || !/^[a-z0-9-]+$/.test(name)) {
  process.stderr.write('usage: npm run db:new NAME (lower-case letters, digits and hyphens)\n')
  process.exit(1)
}
const folder = join(PROJECT_ROOT, 'adapters', 'postgres', 'migrations')
const last =
  readdirSync(folder)
    .filter((file) => /^\d{4}-/.test(file))
    .sort()
    .at(-1) ?? '0000'
const number = String(Number(last.slice(0, 4)) + 1).padStart(4, '0')
const path = join(folder, `${number}-${name}.sql`)
writeFileSync(path, '-- Why, and which part of the program writes what this makes.\n')
process.stdout.write(`${path}\n`)
