import { Command } from 'commander'
import { addApply } from './commands/apply.ts'
import { addBackup } from './commands/backup.ts'
import { addBench } from './commands/bench.ts'
import { addCamera } from './commands/camera.ts'
import { addDeadLetters } from './commands/dead-letters.ts'
import { addDetect } from './commands/detect.ts'
import { addDoctor } from './commands/doctor.ts'
import { addMigrate } from './commands/migrate.ts'
import { addModels } from './commands/models.ts'
import { addNotBuilt } from './commands/not-built.ts'
import { addRestore } from './commands/restore.ts'
import { addRoles } from './commands/roles.ts'
import { addSimulate } from './commands/simulate.ts'
import { addStart } from './commands/start.ts'
import { addVerifyEvidence } from './commands/verify-evidence.ts'
import { addWatch } from './commands/watch.ts'
import { addWorkers } from './commands/workers.ts'
import { VERSION } from './version.ts'

/** Every command in one visible list; each is one file of `commands/`. */
export function createProgram(): Command {
  const program = new Command('sharp-eyes')
    .description(
      'City video that finds hazards, tells the department that has to act, and stays until it is put right',
    )
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(--help shows how)')
  for (const add of [
    addStart,
    addRoles,
    addApply,
    addDetect,
    addWatch,
    addModels,
    addCamera,
    addDoctor,
    addMigrate,
    addWorkers,
    addDeadLetters,
    addSimulate,
    addBackup,
    addRestore,
    addVerifyEvidence,
    addBench,
    addNotBuilt,
  ])
    add(program)
  for (const command of program.commands) command.exitOverride()
  return program
}
