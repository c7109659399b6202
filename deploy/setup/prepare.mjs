// Plain JavaScript for any Node from 20 on: it runs before the project's own Node 24 is installed.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '..', '..')
const BIN = join(ROOT, 'node_modules', '.bin')
export const NODE = join(BIN, 'node')
export const ENV = {
  ...process.env,
  PATH: `${BIN}${delimiter}${process.env.PATH ?? ''}`,
  ONNXRUNTIME_NODE_INSTALL: 'skip',
}

/** What the operating system has to bring, by the file that proves it is there. */
export const SYSTEM_PACKAGES = {
  run: [{ proof: 'ffmpeg', packages: ['ffmpeg'] }],
  test: [
    { proof: 'ffmpeg', packages: ['ffmpeg'] },
    { proof: 'chromium', packages: ['chromium'] },
    // A real Kafka for the tests: deploy/kafka fetches it with Maven.
    { proof: 'java', packages: ['default-jre-headless'] },
    { proof: 'mvn', packages: ['maven'] },
    { proof: '/usr/sbin/mosquitto', packages: ['mosquitto'] },
    { proof: '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc', packages: ['fonts-noto-cjk'] },
    {
      proof: '/usr/lib/x86_64-linux-gnu/girepository-1.0/GstRtspServer-1.0.typelib',
      alternative: '/usr/lib/aarch64-linux-gnu/girepository-1.0/GstRtspServer-1.0.typelib',
      packages: [
        'python3-gi',
        'gir1.2-gst-rtsp-server-1.0',
        'gir1.2-gst-plugins-base-1.0',
        'gstreamer1.0-plugins-base',
        'gstreamer1.0-plugins-good',
        'gstreamer1.0-plugins-bad',
      ],
    },
  ],
}

const say = (text) => process.stderr.write(`${text}\n`)

const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const present = (proof) =>
  proof.startsWith('/')
    ? existsSync(proof)
    : (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, proof)))

/** Installs what is missing with apt, only as root on Debian or Ubuntu; else prints the one line to run. True when all is there. */
export function ensureSystemPackages(wanted, { install }) {
  const missing = wanted
    .filter(({ proof, alternative }) => !present(proof) && !(alternative && present(alternative)))
    .flatMap(({ packages }) => packages)
  if (missing.length === 0) return true
  const line = `apt-get install -y --no-install-recommends ${missing.join(' ')}`
  const mayInstall = install && process.getuid?.() === 0 && isDebian()
  if (!mayInstall) {
    say(
      `Missing: ${missing.join(', ')}. ${install ? 'Run as root on Debian or Ubuntu' : 'Not installed (--no-install). Run'}: ${line}`,
    )
    return false
  }
  say(`Installing with apt: ${missing.join(' ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...args) =>
    spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
  const done = (apt('update') || true) && apt('install', '-y', '--no-install-recommends', ...missing)
  if (!done) say(`apt failed. Run it yourself to see why: apt-get update && ${line}`)
  return done
}

function isDebian() {
  try {
    return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'))
  } catch {
    return false
  }
}

/** `npm ci` when the installed packages are not those of the lock file. Also brings the project's own Node. */
export function ensureModules() {
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex')
  const mark = join(ROOT, 'node_modules', '.lock-sha256')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock && existsSync(NODE)) return
  say('Installing npm packages (once, about a minute) …')
  const result = spawnSync('npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund'], {
    cwd: ROOT,
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (result.status !== 0)
    fail('npm ci failed; its lines are above. Without network nothing can be installed.')
  const version = spawnSync(NODE, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? ''
  if (!version.startsWith('v24.')) {
    fail(
      `the project's own Node 24 is not there (found "${version}"): run "npm rebuild node", then this command again`,
    )
  }
  writeFileSync(mark, lock)
}

/** Builds the browser app when its sources changed since the last build. */
export function ensureWeb() {
  const web = join(ROOT, 'dashboard-api', 'web')
  const hash = createHash('sha256')
  const files = [...sources(web), ...sources(join(ROOT, 'core'))].sort()
  for (const file of files) hash.update(file).update(readFileSync(file))
  const stamp = hash.digest('hex')
  const mark = join(web, 'dist', '.sources-sha256')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === stamp) return
  say('Building the browser app …')
  const result = spawnSync(
    NODE,
    [
      join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js'),
      'build',
      '--logLevel',
      'warn',
      '--config',
      join(web, 'vite.config.ts'),
    ],
    {
      cwd: ROOT,
      env: ENV,
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  if (result.status !== 0) fail('the browser app did not build; the lines above say why')
  writeFileSync(mark, stamp)
}

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'dist' || entry.name === 'node_modules') continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sources(path)
    else yield path
  }
}

export function fail(message) {
  say(message)
  process.exit(1)
}

/** Runs the project's Node with `args`, hands on signals, and ends as it ended. */
export function become(args, env = {}) {
  const child = spawn(NODE, args, { cwd: process.cwd(), env: { ...ENV, ...env }, stdio: 'inherit' })
  // A terminal sends Ctrl+C to the whole group; a supervisor signals only this process.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => fail(`cannot start ${NODE}: ${error.message}`))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
}
