// `npm start -- ARGS`: all set-up, then `sharp-eyes start ARGS`.
import { join } from 'node:path'
import { NODE_FLAGS } from './node-flags.mjs'
import {
  become,
  ensureModules,
  ensureSystemPackages,
  ensureWeb,
  fail,
  ROOT,
  SYSTEM_PACKAGES,
} from './prepare.mjs'

const args = process.argv.slice(2)
const install = !args.includes('--no-install')
ensureModules()
if (!ensureSystemPackages(SYSTEM_PACKAGES.run, { install })) fail('Cannot start without them.')
ensureWeb()
become([
  ...NODE_FLAGS,
  join(ROOT, 'app', 'main.ts'),
  'start',
  ...args.filter((arg) => arg !== '--no-install'),
])
