import { createServer } from 'node:net'
// @ts-expect-error: the package brings no types
import S3rver from 's3rver'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createDiskEvidenceStore } from '../../adapters/evidence-store/disk.ts'
import { createControlPlane } from '../../adapters/postgres/control-plane.ts'
import { addWorkerToken, createWorkerTokens, revokeWorkerToken } from '../../adapters/postgres/workers.ts'
import { controlFindings } from '../../app/doctor/control.ts'
import { externalDatabase } from '../../app/doctor/database.ts'
import { check, clockFinding, type Finding } from '../../app/doctor/finding.ts'
import { kafkaFindings } from '../../app/doctor/kafka.ts'
import { mqttFindings } from '../../app/doctor/mqtt.ts'
import { s3Finding } from '../../app/doctor/s3.ts'
import { smtpFinding } from '../../app/doctor/smtp.ts'
import { tracesFinding } from '../../app/doctor/traces.ts'
import { startDashboard } from '../dashboard-api/dashboard.ts'
import { askKafka, kafkaMissing, startTestKafka, type TestKafka } from '../support/kafka.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'
import { mosquittoIsThere, startMosquitto } from '../support/mosquitto.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { missingService } from '../support/services.ts'
import { closedPort, startSmtpReceiver } from '../support/smtp-receiver.ts'
import { tempFolder } from '../support/temp-folder.ts'

const grades = (found: readonly Finding[]) =>
  Object.fromEntries(found.map(({ name, grade }) => [name, grade]))
const detail = (found: readonly Finding[], name: string) =>
  found.find((each) => each.name === name)?.detail ?? `no finding ${name}`
const asked = (work: () => Promise<Finding | readonly Finding[]>) => check('part', systemClock, work)

/** Takes connections and says nothing. */
async function silentServer() {
  const sockets = new Set<{ destroy(): void }>()
  const server = createServer((socket) => void sockets.add(socket))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((done) => server.close(done))
    },
  }
}

describe('a check', () => {
  test('that hangs is a failure after its limit, and no detail has a secret', async () => {
    const clock = manualClock(0)
    const hanging = check('kafka', clock, () => new Promise(() => undefined), 5_000)
    await new Promise((done) => setImmediate(done))
    clock.advance(5_000)
    expect(await hanging).toMatchObject([
      { name: 'kafka', grade: 'fail', detail: /no answer within 5000 ms/ },
    ])
    const leaking = asked(() => Promise.reject(new Error('postgres://eyes:hidden@db/eyes is away')))
    expect(await leaking).toEqual([{ name: 'part', grade: 'fail', detail: 'postgres://***@db/eyes is away' }])
  })

  test.each([
    [300, 100, 'ok'],
    [-2_400, 500, 'ok'],
    [-5_000, 500, 'warn'],
    [90_000, 500, 'fail'],
  ] as const)('of a clock %i ms away (± %i) is %s', (ms, error, grade) => {
    expect(clockFinding('clock', 'the API', ms, error).grade).toBe(grade)
  })
})

describe('the database', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database[Symbol.asyncDispose]())

  test('that is ready, and what waits in it', async () => {
    const found = await asked(() => externalDatabase(database.url, systemClock))
    expect(grades(found)).toEqual({
      database: 'ok',
      'database clock': 'ok',
      migrations: 'ok',
      history: 'ok',
    })
    await database.query("insert into dead_letters (topic, bytes, error) values ('t', 'x', 'bad')")
    expect(grades(await asked(() => externalDatabase(database.url, systemClock)))).toMatchObject({
      'dead letters': 'warn',
    })
  })

  test('with migrations missing, of a newer version, or empty; nothing is changed', async () => {
    const last = await database.query<{ name: string }>(
      'delete from migrations where name = (select max(name) from migrations) returning name',
    )
    const name = last.rows[0]?.name ?? ''
    const behind = await asked(() => externalDatabase(database.url, systemClock))
    expect(grades(behind)).toMatchObject({ migrations: 'warn' })
    expect(detail(behind, 'migrations')).toContain(name)
    await database.query("insert into migrations (name) values ($1), ('9999-future.sql')", [name])
    expect(detail(await asked(() => externalDatabase(database.url, systemClock)), 'migrations')).toMatch(
      /9999-future\.sql.*newer version/,
    )
    const url = new URL(database.url)
    url.pathname = '/postgres'
    expect(detail(await asked(() => externalDatabase(url.href, systemClock)), 'migrations')).toMatch(/empty/)
  })

  test('that is not there, refuses the password, or says nothing', async () => {
    const nowhere = new URL(database.url)
    nowhere.port = String(await closedPort())
    const gone = await asked(() => externalDatabase(nowhere.href, systemClock))
    expect(gone).toMatchObject([
      { grade: 'fail', detail: expect.stringMatching(/DATABASE_URL: no connection/) },
    ])
    await using silent = await silentServer()
    const url = `postgres://eyes:hidden@127.0.0.1:${silent.port}/eyes`
    const mute = await asked(() => externalDatabase(url, systemClock))
    expect(mute).toMatchObject([{ grade: 'fail', detail: expect.stringMatching(/timeout/) }])
    expect(JSON.stringify([gone, mute])).not.toContain('hidden')
  })
})

test('SMTP: the log-in is tried and nothing is sent', async () => {
  await using relay = await startSmtpReceiver({ user: 'eyes', password: 'right' })
  const settings = {
    host: '127.0.0.1',
    port: relay.port,
    security: 'none',
    username: 'eyes',
    password: 'right',
    from: 'eyes@city.example',
  } as const
  expect(await asked(() => smtpFinding(settings))).toMatchObject([{ grade: 'ok' }])
  expect(await asked(() => smtpFinding({ ...settings, password: 'hidden' }))).toMatchObject([
    { grade: 'fail', detail: expect.stringMatching(/535.*SMTP_PASSWORD_FILE/) },
  ])
  expect(await asked(() => smtpFinding({ ...settings, security: 'starttls' }))).toMatchObject([
    { grade: 'fail', detail: expect.stringMatching(/SMTP_SECURITY/) },
  ])
  const port = await closedPort()
  expect(await asked(() => smtpFinding({ ...settings, port }))).toMatchObject([
    { grade: 'fail', detail: expect.stringMatching(/SMTP_HOST/) },
  ])
  expect(relay.received).toEqual([])
})

test('S3: bytes are written, read and removed; a missing bucket and a wrong key are told', async () => {
  await using folder = await tempFolder()
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory: folder.path,
    configureBuckets: [{ name: 'evidence' }],
  })
  const { port } = (await server.run()) as { port: number }
  try {
    const settings = {
      endpoint: `http://127.0.0.1:${port}`,
      bucket: 'evidence',
      region: 'us-east-1',
      accessKey: 'S3RVER',
      secretKey: 'S3RVER',
    }
    const deps = { clock: systemClock, log: silentLog, metrics: recordingMetrics() }
    expect(await asked(() => s3Finding(settings, deps))).toMatchObject([{ grade: 'ok' }])
    expect(await asked(() => s3Finding({ ...settings, bucket: 'other' }, deps))).toMatchObject([
      { grade: 'fail', detail: expect.stringMatching(/other/) },
    ])
    expect(await asked(() => s3Finding({ ...settings, accessKey: 'UNKNOWN' }, deps))).toMatchObject([
      { grade: 'fail' },
    ])
    const endpoint = `http://127.0.0.1:${await closedPort()}`
    expect(await asked(() => s3Finding({ ...settings, endpoint }, deps))).toMatchObject([{ grade: 'fail' }])
  } finally {
    await server.close()
  }
})

test('traces: a receiver that answers, and none', async () => {
  await using receiver = await startOtlpReceiver()
  expect(await asked(() => tracesFinding(receiver.url))).toMatchObject([{ grade: 'ok' }])
  receiver.status = 503
  expect(await asked(() => tracesFinding(receiver.url))).toMatchObject([{ grade: 'warn' }])
  const url = `http://127.0.0.1:${await closedPort()}`
  expect(await asked(() => tracesFinding(url))).toMatchObject([
    { grade: 'warn', detail: expect.stringMatching(/ECONNREFUSED.*OTEL_EXPORTER_OTLP_ENDPOINT/) },
  ])
})

test('the API: address, token and clock, without taking a camera', async () => {
  await using database = await createTestDatabase()
  await using folder = await tempFolder()
  const none = async () => undefined
  await using city = await startDashboard({
    workers: {
      controlPlane: createControlPlane(database),
      tokens: createWorkerTokens(database),
      transport: { send: none },
      evidence: createDiskEvidenceStore(folder.path),
      pictures: { next: async () => null, done: none, failed: none, unneeded: async () => [] },
    },
  })
  const token = await addWorkerToken(database, 'hall', 'test')
  const ready = await asked(() => controlFindings({ url: city.url, token }, systemClock))
  expect(grades(ready)).toEqual({ control: 'ok', 'api clock': 'ok' })
  expect((await database.query('select * from workers')).rows).toEqual([])
  const ahead = { now: () => Date.now() + 120_000, sleep: systemClock.sleep }
  expect(grades(await controlFindings({ url: city.url, token }, ahead))).toMatchObject({
    'api clock': 'fail',
  })
  await revokeWorkerToken(database, 'hall')
  const revoked = await asked(() => controlFindings({ url: city.url, token }, systemClock))
  expect(detail(revoked, 'control')).toMatch(/sharp-eyes workers add NAME/)
  expect(JSON.stringify(revoked)).not.toContain(token)
  const url = `http://127.0.0.1:${await closedPort()}`
  expect(await asked(() => controlFindings({ url, token }, systemClock))).toMatchObject([
    { grade: 'fail', detail: expect.stringMatching(/CONTROL_URL .*ECONNREFUSED/) },
  ])
})

describe.skipIf(missingService('mosquitto', mosquittoIsThere))('MQTT', () => {
  test.each(['3.1.1', '5'] as const)('%s: logs in and leaves; nobody there is told', async (version) => {
    await using broker = await startMosquitto()
    const settings = { url: broker.url, username: null, password: null, version, share: null }
    expect(await asked(() => mqttFindings(settings))).toMatchObject([{ grade: 'ok' }])
    await broker.stop()
    expect(await asked(() => mqttFindings(settings))).toMatchObject([
      { grade: 'fail', detail: expect.stringMatching(/MQTT_URL/) },
    ])
  })

  test.each(['3.1.1', '5'] as const)('%s: a broker that refuses us', async (version) => {
    await using broker = await startMosquitto(['allow_anonymous false'])
    const settings = { url: broker.url, username: 'eyes', password: 'hidden', version, share: null }
    const [found] = await asked(() => mqttFindings(settings))
    expect(found).toMatchObject({ grade: 'fail', detail: expect.stringMatching(/MQTT_PASSWORD_FILE/) })
    expect(found?.detail).not.toContain('hidden')
  })
})

describe.skipIf(kafkaMissing())('Kafka', () => {
  let kafka: TestKafka
  beforeAll(async () => {
    kafka = await startTestKafka()
  }, 240_000)
  afterAll(() => kafka?.[Symbol.asyncDispose]())

  test('brokers and topics; a missing topic, too few brokers, nobody there', {
    timeout: 120_000,
  }, async () => {
    const { settings } = kafka
    const ready = await asked(() => kafkaFindings(settings, silentLog))
    expect(grades(ready)).toEqual({ kafka: 'ok', 'kafka topics': 'ok' })
    const few = await asked(() => kafkaFindings({ ...settings, replication: 3 }, silentLog))
    expect(grades(few)).toMatchObject({ kafka: 'warn' })
    await askKafka(settings, async (admin) => {
      await admin.deleteTopics({ topics: ['case.events.v1'] })
      while ((await admin.listTopics()).includes('case.events.v1')) await systemClock.sleep(50)
    })
    const missing = await asked(() => kafkaFindings(settings, silentLog))
    expect(detail(missing, 'kafka topics')).toMatch(/case\.events\.v1.*sharp-eyes migrate/)
    const brokers = [`127.0.0.1:${await closedPort()}`]
    expect(await asked(() => kafkaFindings({ ...settings, brokers }, silentLog))).toMatchObject([
      { grade: 'fail', detail: expect.stringMatching(/Kafka at 127\.0\.0\.1/) },
    ])
  })
})
