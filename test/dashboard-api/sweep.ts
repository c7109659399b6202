import { unzip } from '../support/zip.ts'
import type { Browser } from './browser.ts'
import type { Matter, SweepWorld } from './sweep-world.ts'

/** What the sweep reads of `/api/openapi.json`. */
export interface Operation {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly query: readonly { readonly name: string; readonly required: boolean }[]
  readonly body: 'none' | 'json' | 'upload'
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
}
interface OpenApiOperation {
  readonly operationId: string
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly required?: boolean }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> }
}

export const operationsOf = ({ paths }: Document): Operation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, parameters = [], requestBody }]) => ({
      ...{ name: operationId, method: method.toUpperCase(), path },
      query: parameters
        .filter((parameter) => parameter.in === 'query')
        .map(({ name, required = false }) => ({ name, required })),
      body: !requestBody ? 'none' : 'multipart/form-data' in requestBody.content ? 'upload' : 'json',
    })),
  )

/** Values of path parameters by where they stand. Those of a department's matter are `foreign`, or `own`. */
const PARAMETERS: Readonly<Record<string, (matter: Matter, world: SweepWorld) => string>> = {
  '/api/alerts/{id}': ({ alert }) => alert,
  '/api/alerts/{id}/holds/{hold}': ({ alertHold }) => alertHold,
  '/api/cameras/{id}': ({ camera }) => camera,
  '/api/cases/{no}': (matter) => matter.case,
  '/api/cases/{no}/attachments/{id}': ({ attachment }) => attachment,
  '/api/cases/{no}/holds/{hold}': ({ caseHold }) => caseHold,
  '/api/cases/{no}/uploads/{upload}': ({ upload }) => upload,
  '/api/recordings/{id}': ({ recording }) => recording,
  '/api/recordings/{id}/holds/{hold}': ({ caseHold }) => caseHold,
  // These belong to no department.
  '/api/captures/{ticket}': (_, { ticket }) => ticket,
  '/api/config/{kind}': () => 'camera',
  '/api/config/camera/{id}': ({ camera }) => camera,
  '/api/config/{kind}/{id}': ({ camera }) => camera,
  '/api/dry-runs/{id}': (_, { dryRun }) => dryRun,
  '/api/dry-runs/{id}/pictures/{n}.jpg': () => '0.jpg',
  '/api/departments/{id}': () => 'market',
  '/api/departments/{id}/channels/{place}': () => '1',
  '/api/notifications/{id}': (_, { notification }) => notification,
  '/api/sensors/{id}': () => 'pm',
  '/api/views/{page}': () => 'department',
  '/api/sessions/{id}': () => '0'.repeat(64),
  '/api/originals/{id}': (_, { original }) => original,
  '/api/users/{name}': () => 'market.officer',
  '/api/shifts/{id}': (_, { shift }) => shift,
}
const OF_DEPARTMENTS = ['/api/alerts/{', '/api/cameras/{', '/api/cases/{', '/api/recordings/{']

/** Whether the address names something of a department. */
export const namesMatter = ({ path }: Operation): boolean =>
  OF_DEPARTMENTS.some((start) => path.startsWith(start))

function fill(operation: Operation, matter: Matter, world: SweepWorld): string {
  let known = ''
  return operation.path
    .split('/')
    .map((part) => {
      known += known === '' && part === '' ? '' : `/${part}`
      if (!part.startsWith('{')) return part
      const value = PARAMETERS[known]
      if (!value) throw unknown(operation, `the path parameter ${part}`, 'PARAMETERS')
      return encodeURIComponent(value(matter, world))
    })
    .join('/')
}

/** Values of query parameters. */
const QUERY: Readonly<Record<string, (matter: Matter) => string>> = {
  at: () => new Date(Date.now() - 60_000).toISOString(),
  from: () => new Date(Date.now() - 3_600_000).toISOString(),
  to: () => new Date().toISOString(),
  pos: () => '1',
  source: ({ camera }) => camera,
}

/** Filters by which a list could be made to tell of somebody else's matters. */
export const FILTERS: Readonly<Record<string, (matter: Matter) => string>> = {
  camera: ({ camera }) => camera,
  case: (matter) => matter.case,
  source: ({ camera }) => camera,
  department: ({ camera }) => (camera === 'kitchen' ? 'market' : 'ecology'),
  grid: ({ camera }) => (camera === 'kitchen' ? '130104-999' : '130104-001'),
  q: (matter) => matter.case,
  by: () => 'grid',
  part: () => 'denominator',
}

const reason = '权限检查'
/** Bodies that the routes accept, so that nothing but rights can refuse them. */
const BODIES: Readonly<Record<string, (matter: Matter, world: SweepWorld) => unknown>> = {
  addCamera: () => ({ body: { url: 'rtsp://10.0.0.3/1' }, reason }),
  askOriginal: ({ alert }) => ({ alert, reason }),
  decideOriginal: () => ({ approved: true, reason }),
  attachCapture: (_, { ticket }) => ({ ticket }),
  attachUpload: () => ({ name: 'a.jpg' }),
  captureStill: () => ({}),
  changeCameraLogin: () => ({ version: 99, user: 'a', password: 'b', reason }),
  changePassword: () => ({ current: 'a wrong one', next: 'a very long new one' }),
  checkCameraImport: () => ({ text: 'id' }),
  checkConfig: () => ({ body: {} }),
  commandCase: () => ({ kind: 'extend', version: 2, reason, until: new Date(Date.now() + 86_400_000) }),
  endShift: () => ({ note: reason }),
  exportCase: () => ({ reason, purpose: reason }),
  fileCase: ({ alert }) => ({ alertId: alert }),
  groupVerdict: ({ alert }) => ({ alerts: [alert], verdict: 'confirmed' }),
  handConfig: () => ({ version: 1, to: 'desk', reason }),
  holdAlert: () => ({ reason }),
  holdCase: () => ({ reason }),
  holdRecording: () => ({ reason }),
  importCameras: () => ({ text: 'id', reason, rightOnly: false, versions: {} }),
  keepRecording: () => ({ from: new Date(Date.now() - 60_000), to: new Date(), reason }),
  logIn: () => ({ name: 'nobody', password: 'a wrong one' }),
  markReadings: () => ({
    ...{ from: new Date(Date.now() - 60_000), to: new Date(Date.now() - 30_000) },
    ...{ flag: 'D', reason },
  }),
  mute: () => ({ until: new Date(Date.now() + 3_600_000), reason }),
  probeCamera: () => ({ url: 'rtsp://127.0.0.1:9/1' }),
  releaseAlert: () => ({ reason }),
  releaseCase: () => ({ reason }),
  releaseRecording: () => ({ reason }),
  remark: () => ({ note: reason }),
  oneTimePassword: () => ({ reason }),
  removeView: () => ({ name: reason }),
  removeConfig: () => ({ version: 1, reason }),
  saveView: () => ({ name: reason, query: '' }),
  saveConfig: () => ({ version: 1, body: {}, reason }),
  startDryRun: () => ({ zones: {}, rules: [] }),
  startShift: () => ({}),
  tryRoute: () => ({ type: 'fire', severity: 1 }),
  verdict: () => ({ verdict: 'confirmed' }),
  withdrawVerdict: () => ({ reason }),
}

/** The call of an operation about a matter; `more`: further query parameters. Throws for what it does not know. */
export function callOf(
  operation: Operation,
  matter: Matter,
  world: SweepWorld,
  more: Readonly<Record<string, string>> = {},
): { readonly path: string; readonly init: RequestInit } {
  const query = new URLSearchParams(more)
  for (const { name, required } of operation.query) {
    if (!required || query.has(name)) continue
    const value = QUERY[name]
    if (!value) throw unknown(operation, `the query parameter ${name}`, 'QUERY')
    query.set(name, value(matter))
  }
  const path = `${fill(operation, matter, world)}${query.size > 0 ? `?${query}` : ''}`
  return {
    path,
    init: { method: operation.method, headers: headersOf(operation), ...bodyOf(operation, matter, world) },
  }
}

/** tus wants its own headers on every call. */
const headersOf = ({ path, method, body }: Operation): Record<string, string> => ({
  'X-Sharp-Eyes': '1',
  ...(body === 'json' ? { 'Content-Type': 'application/json' } : {}),
  ...(path.includes('/uploads') && body === 'none'
    ? { 'Tus-Resumable': '1.0.0', ...(method === 'POST' ? { 'Upload-Length': '8' } : {}) }
    : {}),
  ...(method === 'PATCH' ? { 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' } : {}),
})

function bodyOf(operation: Operation, matter: Matter, world: SweepWorld): { body?: string | FormData } {
  if (operation.body === 'upload') {
    const form = new FormData()
    form.append('file', new Blob(['x']), 'x.jpg')
    return { body: form }
  }
  if (operation.method === 'PATCH') return { body: 'x' }
  if (operation.body === 'none') return {}
  const body = BODIES[operation.name]
  if (!body) throw unknown(operation, 'its body', 'BODIES')
  return { body: JSON.stringify(body(matter, world)) }
}

const unknown = ({ name, method, path }: Operation, what: string, table: string): Error =>
  new Error(
    `the sweep of rights cannot call ${name} (${method} ${path}): add ${what} to ${table} of test/dashboard-api/sweep.ts`,
  )

export interface Swept {
  readonly status: number
  readonly code: string | null
  readonly text: string
  readonly path: string
}

/** Asks, and reads the answer as text; a stream's is not read. */
export async function ask(browser: Browser, { path, init }: ReturnType<typeof callOf>): Promise<Swept> {
  const stop = new AbortController()
  const answer = await fetch(`${browser.url}${path}`, {
    ...init,
    // As through a proxy: this machine itself may read health and metrics without a log-in.
    headers: {
      ...(init.headers as Record<string, string>),
      ...{ Cookie: browser.cookie(), 'X-Forwarded-For': '8.8.8.8' },
    },
    redirect: 'manual',
    signal: stop.signal,
  })
  const type = answer.headers.get('content-type') ?? ''
  if (type.startsWith('text/event-stream')) {
    stop.abort()
    return { status: answer.status, code: null, text: '', path }
  }
  // A workbook is a ZIP: what it says is in its parts.
  const text = type.includes('spreadsheet')
    ? Object.values(await unzip(Buffer.from(await answer.arrayBuffer()))).join('\n')
    : await answer.text()
  const code =
    text && type.startsWith('application/problem+json') ? (JSON.parse(text) as { code: string }).code : null
  return { status: answer.status, code, text, path }
}
