import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { connectPostgres } from '../../adapters/postgres/database.ts'
import { startDeployment } from '../../deploy/native/deployment.ts'
import { createBrowser } from '../dashboard-api/browser.ts'
import { testFilm } from '../support/films.ts'
import { silentLog } from '../support/log.ts'
import { hasRtspServer, RTSP_SERVICE, startRtspServer } from '../support/rtsp.ts'
import { missingService, onPath } from '../support/services.ts'
import { siteFolder } from '../support/site.ts'
import { startWebhookReceiver } from '../support/webhook-receiver.ts'
import { PASSWORD, PEOPLE, SECRET, writeCity } from './city.ts'

const WHOLE = {
  floor: [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ],
}
const kitchen = (id: string, url: string) => ({
  id,
  name: { zh: `后厨 ${id}`, en: `Kitchen ${id}` },
  purpose: 'kitchen',
  url,
  zones: WHOLE,
  rules: [{ id: 'after-hours', type: 'after_hours_motion', zone: 'floor', hours: '00:00-24:00', for: '5s' }],
})
const CAMERAS = ['east', 'north', 'south', 'west'] as const
/** A lease is lost after 20 s, and the others look every 5 s. */
const TAKEN_OVER_WITHIN_MS = 30_000
/** What a busy machine adds to it: starting the camera, the first picture. */
const SLOW_MACHINE_MS = 60_000

interface Lease {
  readonly camera: string
  readonly worker: string
  readonly epoch: number
}

/** PostgreSQL, Kafka, mosquitto, and the roles as processes of their own, as deploy/compose.yaml has them. */
describe.skipIf(
  missingService(RTSP_SERVICE, hasRtspServer()) ||
    missingService('ffmpeg', onPath('ffmpeg')) ||
    missingService('Java (apt: default-jre-headless)', onPath('java')) ||
    missingService('Maven (apt: maven)', onPath('mvn')),
)('a site whose roles run apart', () => {
  it('carries a hazard over Kafka to a department, and outlives its parts', {
    timeout: 900_000,
  }, async () => {
    await using folder = await siteFolder()
    const film = await testFilm({ width: 320, height: 180, seconds: 4, times: 200 })
    await using rtsp = await startRtspServer({
      mounts: CAMERAS.map((id) => ({ path: `/${id}`, film, codec: 'h264' })),
    })
    await using receiver = await startWebhookReceiver(SECRET)
    const cameras = CAMERAS.map((id) => kitchen(id, rtsp.url(`/${id}`)))
    const city = await writeCity(folder.path, { cameras, webhook: receiver.url })
    await using site = await startDeployment({
      folder: join(folder.path, 'deployment'),
      ...{ city, log: silentLog, workers: 2, alerts: 2 },
    })
    await using database = connectPostgres({ url: site.databaseUrl, log: silentLog, max: 2 })
    const leases = async (): Promise<readonly Lease[]> =>
      (
        await database.query<Lease>(
          'select camera, worker, epoch::int as epoch from camera_leases where until >= now() order by camera',
        )
      ).rows
    const operator = createBrowser(site.apis[0] ?? '')
    expect((await operator.post('/api/session', { name: PEOPLE.operator, password: PASSWORD })).status).toBe(
      200,
    )
    const alerts = async () =>
      (await operator.json('/api/alerts?state=firing')).items as { id: string; camera: string }[]

    await expect.poll(async () => (await alerts()).length, { timeout: 180_000, interval: 1_000 }).toBe(4)
    const before = await leases()
    expect(before.map(({ camera }) => camera)).toEqual([...CAMERAS])
    // Over the bus, not beside it: what the consumers have read is what the workers have sent.
    const { rows: inbox } = await database.query<{ n: number }>('select count(*)::int as n from inbox')
    expect(inbox[0]?.n).toBeGreaterThanOrEqual(4)
    expect((await database.query('select from dead_letters')).rowCount).toBe(0)

    const [alert] = await alerts()
    const still = await operator.get(`/api/alerts/${alert?.id}/still.jpg`)
    expect([still.status, still.headers.get('content-type')]).toEqual([200, 'image/jpeg'])
    await expect
      .poll(async () => (await operator.get(`/api/alerts/${alert?.id}/clip.mp4`)).status, {
        timeout: 180_000,
        interval: 1_000,
      })
      .toBe(200)
    for (const id of CAMERAS) expect((await operator.get(`/api/cameras/${id}/live.jpg`)).status).toBe(200)

    const filed = await operator.post('/api/cases', { alertId: alert?.id })
    expect(filed.status).toBe(201)
    const [message] = await receiver.waitFor(1, 60_000)
    expect(message?.payload.type).toBe('case.filed')

    // Whoever came first may have taken them all; a camera with an open event is not moved for the sake of evenness.
    const [victim = '', heir = ''] = before[0]?.worker.startsWith('worker-1')
      ? ['worker-1', 'worker-2']
      : ['worker-2', 'worker-1']
    await site.parts.get(victim)?.kill()
    await site.parts.get('alerts-1')?.kill()
    await expect
      .poll(async () => (await leases()).filter((lease) => lease.worker.startsWith(heir)).length, {
        timeout: TAKEN_OVER_WITHIN_MS + SLOW_MACHINE_MS,
        interval: 500,
      })
      .toBe(4)
    for (const lease of await leases()) {
      const old = before.find(({ camera }) => camera === lease.camera)
      if (old?.worker.startsWith(victim)) expect(lease.epoch).toBeGreaterThan(old.epoch)
      else expect(lease.epoch).toBe(old?.epoch)
    }
    // Its events go on under the new holder: the same alerts, each once, and none of them ended.
    await expect
      .poll(
        async () =>
          (
            await database.query(
              `select from event_state s join camera_leases l on l.camera = s.source_id
                where not s.ended and s.epoch = l.epoch and s.last_message_at > now() - interval '60 seconds'`,
            )
          ).rowCount,
        { timeout: 120_000, interval: 1_000 },
      )
      .toBe(4)
    const { rows: kept } = await database.query<{ id: string; occurrences: number }>(
      "select id, occurrences from alerts where type = 'after_hours_motion' order by id",
    )
    expect(kept).toHaveLength(4)
    expect(kept.every(({ occurrences }) => occurrences === 1)).toBe(true)

    const { rows: overlaps } = await database.query(
      `select a.camera from coverage a join coverage b on a.camera = b.camera and a.epoch < b.epoch and a.to_at > b.from_at`,
    )
    expect(overlaps).toEqual([])
    const holes = await database.query<{ camera: string; seconds: number }>(
      `select camera, extract(epoch from from_at - before)::int as seconds
         from (select camera, from_at, lag(to_at) over (partition by camera order by from_at) as before from coverage) t
        where from_at > before + interval '1 second'`,
    )
    // What nobody watched between the two holders is a hole that is told, of the length of a lease.
    for (const { seconds } of holes.rows)
      expect(seconds).toBeLessThanOrEqual((TAKEN_OVER_WITHIN_MS + SLOW_MACHINE_MS) / 1_000)

    await site.parts.get('alerts-1')?.start()
    await site.parts.get(victim)?.start()
    expect(receiver.received.map(({ id }) => id)).toHaveLength(
      new Set(receiver.received.map(({ id }) => id)).size,
    )
  })
})
