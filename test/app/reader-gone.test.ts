import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const MAIN = join(import.meta.dirname, '..', '..', 'app', 'main.ts')

test('a command whose reader has gone ends without a word', async () => {
  // The reader ends at once; the program needs longer to start than that, and then writes into a closed pipe.
  const script = 'node=$1 main=$2; { "$node" "$main" --help; echo "code $?" >&2; } | true'
  const { stderr } = await promisify(execFile)('bash', ['-c', script, 'bash', process.execPath, MAIN])
  expect(stderr).toBe('code 0\n')
}, 30_000)
