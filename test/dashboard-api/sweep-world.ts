import { createHash, randomUUID } from 'node:crypto'
import { setPassword } from '../../dashboard-api/auth/credentials.ts'
import type { Json } from './browser.ts'
import { PASSWORD, startDashboard, type TestDashboard } from './dashboard.ts'
import { insertAlert, insertEvidence, picture } from './matters.ts'

/** What of the foreign department's matters must be in no answer to anybody else of another department. */
export const SECRET_NOTE = '只许市场监管局知道'
export const SECRET_GRID = '130104-999'

/** A city in which the market supervision has one of everything, and so has the ecology bureau. */
export interface SweepWorld extends AsyncDisposable {
  readonly city: TestDashboard
  readonly foreign: Matter
  readonly own: Matter
  readonly ticket: string
  readonly shift: string
  readonly dryRun: string
  readonly notification: string
  /** A request for the original of the foreign alert. */
  readonly original: string
}

/** All that a department's case has. */
export interface Matter {
  readonly camera: string
  readonly alert: string
  readonly case: string
  readonly attachment: string
  readonly upload: string
  readonly caseHold: string
  readonly alertHold: string
  readonly recording: string
}

/** Officers of ecology that have a second role, by name. */
export const MIXED = { 'mixed.auditor': 'auditor', 'mixed.admin': 'admin' } as const

export async function startSweepWorld(): Promise<SweepWorld> {
  const city = await startDashboard()
  const { database } = city
  city.live.picture = await picture(64, 36)
  for (const [name, second] of Object.entries(MIXED)) {
    const body = { name, roles: ['officer', second], department: 'ecology', passwordFile: '/nowhere' }
    await database.query(
      `insert into config_objects (kind, id, managed_by, version, position, body) values ('user', $1, 'file', 1, 99, $2)`,
      [name, body],
    )
    await setPassword(database, name, PASSWORD, { mustChange: false })
  }
  const sensor = {
    ...{ id: 'pm', source: 'mqtt', topic: 'sensors/pm', factor: 'a34004', unit: 'ug/m3', severity: 3 },
    ...{ purpose: 'environment', place: {}, scale: 1, decimals: 0 },
  }
  await database.query(
    `insert into config_objects (kind, id, managed_by, version, position, body) values ('sensor', 'pm', 'file', 1, 0, $1)`,
    [sensor],
  )
  const foreign = await createMatter(city, 'kitchen', 'kitchen', 'market.officer')
  const own = await createMatter(city, 'works-chimney', 'environment', 'officer')
  const operator = await city.as('operator')
  const captured = (await (await operator.post('/api/cameras/kitchen/captures', {})).json()) as Json
  const shift = (await (await operator.post('/api/shifts', {})).json()) as Json
  const { rows } = await database.query<{ id: string }>(
    "select id from notifications where group_kind = 'case' and group_id = $1 limit 1",
    [foreign.case],
  )
  return {
    ...{ city, foreign, own, ticket: captured.ticket, shift: shift.id, dryRun: await insertDryRun(city) },
    notification: rows[0]?.id ?? '',
    original: await insertRequest(city, foreign.alert),
    [Symbol.asyncDispose]: () => city[Symbol.asyncDispose](),
  }
}

async function createMatter(
  city: TestDashboard,
  camera: string,
  purpose: string,
  officer: string,
): Promise<Matter> {
  const { database, evidenceStore } = city
  const by = async (name: string) => city.as(name)
  const answer = async (call: Promise<Response>): Promise<Json> => {
    const response = await call
    if (response.status >= 300)
      throw new Error(`${response.url}: ${response.status} ${await response.text()}`)
    return response.json()
  }
  const alert = await insertAlert(database, { camera, purpose })
  await database.query('update alerts set place = $2 where id = $1', [
    alert,
    { address: `${SECRET_NOTE} ${camera}`, grid: camera === 'kitchen' ? SECRET_GRID : '130104-001' },
  ])
  for (const kind of ['still', 'clip'] as const)
    await insertEvidence(database, evidenceStore, alert, kind, 'masked', await picture(64, 36), camera)
  const operator = await by('operator')
  const { no } = await answer(operator.post('/api/cases', { alertId: alert, note: SECRET_NOTE }))
  const lead = await by(officer)
  const { version } = await lead.json(`/api/cases/${no}`)
  await answer(lead.post(`/api/cases/${no}/commands`, { kind: 'accept', version }))
  const form = new FormData()
  form.append('file', new Blob([Buffer.from(await picture(64, 36))], { type: 'image/jpeg' }), `${camera}.jpg`)
  const attachment = await answer(lead.post(`/api/cases/${no}/attachments`, form))
  const created = await lead.fetch(`/api/cases/${no}/uploads`, {
    method: 'POST',
    headers: { 'X-Sharp-Eyes': '1', 'Tus-Resumable': '1.0.0', 'Upload-Length': '8' },
  })
  await created.text()
  const investigator = await by('investigator')
  const reason = `${SECRET_NOTE}：保全`
  const caseHold = await answer(investigator.post(`/api/cases/${no}/holds`, { reason }))
  const alertHold = await answer(investigator.post(`/api/alerts/${alert}/holds`, { reason }))
  return {
    ...{ camera, alert, case: no, attachment: attachment.id, caseHold: caseHold.id, alertHold: alertHold.id },
    upload: (created.headers.get('location') ?? '').split('/').at(-1) ?? '',
    recording: await insertRecording(city, camera, no),
  }
}

/** A dry run that found nothing. */
async function insertDryRun({ database }: TestDashboard): Promise<string> {
  const id = randomUUID()
  const side = { rules: [], events: [] }
  const log = { pictures: 0, looks: 0, lost: 0, scoreFrom: null, stretches: [] }
  await database.query(
    `insert into dry_runs (id, camera, who, from_at, to_at, zones, state, findings)
     values ($1, 'kitchen', 'admin', now() - interval '1 hour', now(), '{}', 'done', $2)`,
    [id, { inForce: side, candidate: side, log, away: [] }],
  )
  return id
}

/** Of a person who is none of the sweep's. */
async function insertRequest({ database }: TestDashboard, alert: string): Promise<string> {
  const id = randomUUID()
  await database.query(
    `insert into original_requests (id, object, purpose, reason, requested_by, requested_at, expires_at)
     values ($1, $2, 'kitchen', $3, 'somebody', now(), now() + interval '1 day')`,
    [id, `alert:${alert}`, SECRET_NOTE],
  )
  return id
}

/** A kept range with its clip, as alerts/evidence writes them. */
async function insertRecording({ database, evidenceStore }: TestDashboard, camera: string, no: string) {
  const id = randomUUID()
  const content = Buffer.from(`a clip of ${camera}`)
  const sha256 = createHash('sha256').update(content).digest('hex')
  await evidenceStore.put(content)
  await database.query(
    `insert into kept_recordings (id, camera, from_at, to_at, reason, case_no, kept_by)
     values ($1, $2, now() - interval '2 minutes', now() - interval '1 minute', $3, $4, 'operator')`,
    [id, camera, SECRET_NOTE, no],
  )
  await database.query(
    `insert into picture_requests (recording, camera, kind, moment, from_at, to_at, state, made)
     values ($1, $2, 'clip', now(), now() - interval '2 minutes', now() - interval '1 minute', 'done', $3)`,
    [id, camera, [sha256]],
  )
  await database.query(
    `insert into evidence (id, owner_kind, owner_id, camera, kind, variant, sha256, bytes, media_type, captured_at, created_by, meta)
     values ($1, 'case', $2, $3, 'clip', 'masked', $4, $5, 'video/mp4', now(), 'test', $6)`,
    [
      randomUUID(),
      no,
      camera,
      sha256,
      content.byteLength,
      { from: new Date().toISOString(), to: new Date().toISOString() },
    ],
  )
  return id
}
