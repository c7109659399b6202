import type { Command } from 'commander'
import { linesOf, verifyPackFile } from '../pack/verify.ts'

interface Options {
  readonly key?: string
  readonly json?: boolean
}

export function addVerifyEvidence(program: Command): void {
  program
    .command('verify-evidence')
    .description('check an exported pack offline: every file, the manifest, the proofs, the signature')
    .argument('<pack>', 'ZIP of an exported case')
    .option('--key <file>', 'key of the log that you trust (as log-key.txt of a pack, from the auditor)')
    .option('--json', 'one JSON object')
    .action(verify)
}

/** Exit code 0: intact, 1: tampered with or incomplete. */
async function verify(pack: string, { key, json }: Options): Promise<void> {
  const verdict = await verifyPackFile(pack, key)
  process.stdout.write(json ? `${JSON.stringify(verdict)}\n` : `${linesOf(verdict).join('\n')}\n`)
  if (!verdict.intact) process.exitCode = 1
}
