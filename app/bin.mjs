#!/usr/bin/env node
// `npx sharp-eyes …`: hands over to the project's own Node 24, which runs the TypeScript sources as they are.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { NODE_FLAGS } from '../deploy/setup/node-flags.mjs'

const root = resolve(import.meta.dirname, '..')
const node = join(root, 'node_modules', '.bin', 'node')
if (!existsSync(node)) {
  process.stderr.write(
    `sharp-eyes: not installed yet; run "npm ci" in ${root} (or "npm start", which does all set-up)\n`,
  )
  process.exit(1)
}
const child = spawn(node, [...NODE_FLAGS, join(root, 'app', 'main.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
