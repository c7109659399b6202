// `npm test`: all set-up, then types, lint, dead code and every test on real services. The last line is "N passed, N failed".
import { join } from 'node:path'
import { become, ensureModules, ensureSystemPackages, ensureWeb, ROOT, SYSTEM_PACKAGES } from './prepare.mjs'

const args = process.argv.slice(2)
ensureModules()
ensureSystemPackages(SYSTEM_PACKAGES.test, { install: !args.includes('--no-install') })
ensureWeb()
become([join(ROOT, 'app', 'check.ts'), '--all', ...args.filter((arg) => arg !== '--no-install')])
