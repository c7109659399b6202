import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLog } from '../../adapters/log.ts'
import { redactText } from '../../adapters/log-redact.ts'
import { SharpEyesError } from '../../core/errors.ts'

/** Every line that the work logs, as it stands on stderr. */
function logged(work: (log: ReturnType<typeof createLog>) => void, level = 'info'): readonly string[] {
  const lines: string[] = []
  work(createLog('test', level, { write: (line) => void lines.push(line) }))
  return lines
}
const one = (work: (log: ReturnType<typeof createLog>) => void): Record<string, unknown> => {
  const [line] = logged(work)
  return JSON.parse(line ?? '{}') as Record<string, unknown>
}

const SECRET = 'Pa55w0rd-9f3e'

/** Ways in which the secret comes into a line. */
const FIELDS: readonly (readonly [string, unknown])[] = [
  ['password', SECRET],
  ['Passwd', SECRET],
  ['smtpPassword', SECRET],
  ['secret', { inner: SECRET }],
  ['accessToken', SECRET],
  ['authorization', `Bearer ${SECRET}`],
  ['Authorization', `Basic ${Buffer.from(`user:${SECRET}`).toString('base64')}`],
  ['headers', { cookie: `sid=${SECRET}; theme=dark`, 'set-cookie': [`sid=${SECRET}; HttpOnly`] }],
  ['apiKey', SECRET],
  ['private_key', SECRET],
  ['url', `rtsp://admin:${SECRET}@10.0.0.8/stream1`],
  ['url', `rtsp://admin:x@y${SECRET}@10.0.0.8/stream1`],
  ['url', `rtsp://admin:x/y${SECRET}@10.0.0.8/stream1`],
  ['url', new URL(`postgres://eyes:${SECRET}@db.city/eyes?sslmode=require`)],
  ['url', `https://hooks.example/send?access_token=${SECRET}&to=1`],
  ['url', `https://s3.example/b/o?X-Amz-Credential=${SECRET}&X-Amz-Signature=${SECRET}`],
  ['line', `Opening 'rtsp://admin:${SECRET}@10.0.0.8:554/stream1' for reading`],
  ['line', `GET / HTTP/1.1\r\nAuthorization: Bearer ${SECRET}\r\nHost: x`],
  ['line', `Cookie: theme=dark; sid=${SECRET}`],
  ['line', `password=${SECRET} user=x`],
  ['line', `{"user":"x","password":"${SECRET}"}`],
  ['line', `signed with whsec_${SECRET}`],
  ['line', `sew_${SECRET}${'x'.repeat(32)}_eyes`],
  ['pem', `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----`],
  ['error', new Error(`connect mqtt://user:${SECRET}@broker failed`)],
  ['error', new Error('failed', { cause: new Error(`at amqp://u:${SECRET}@b`) })],
  ['body', Buffer.from(SECRET)],
  ['map', new Map([['token', SECRET]])],
]

/** Puts a field some levels down, in objects and lists. */
const nested = fc.array(fc.constantFrom('object', 'list', 'map'), { maxLength: 6 })
const wrap = (way: readonly string[], key: string, value: unknown): unknown =>
  way.reduce<unknown>(
    (inside, kind) =>
      kind === 'list' ? [1, inside] : kind === 'map' ? new Map([['m', inside]]) : { o: inside, n: 1 },
    { [key]: value },
  )

test('no secret is in a line, whatever form it has and however deep it lies', () => {
  fc.assert(
    fc.property(fc.constantFrom(...FIELDS), nested, ([key, value], way) => {
      const lines = logged((log) => {
        log.info({ about: wrap(way, key, value) }, 'a line')
        log.child({ bound: wrap(way, key, value) }).warn({}, 'a line of a child')
      })
      expect(lines).toHaveLength(2)
      const text = lines.join('')
      const encoded = Buffer.from(`user:${SECRET}`).toString('base64')
      expect(text).not.toContain(SECRET)
      expect(text).not.toContain(encoded)
      expect(text).not.toContain(Buffer.from(SECRET).toString('base64'))
    }),
    { numRuns: 600 },
  )
})

test.each(FIELDS)('the top level too, and the message: %s', (key, value) => {
  const text = logged((log) =>
    log.error({ [key]: value }, typeof value === 'string' ? `${key}=${value}` : 'x'),
  ).join()
  expect(text).not.toContain(SECRET)
})

test('what is needed to find a fault stays readable', () => {
  const line = one((log) =>
    log.child({ camera: 'cam-1', epoch: 3 }).warn(
      {
        epoch: 4,
        event: '0197a000-0000-7000-8000-00000000000a',
        url: 'rtsp://admin:x@10.0.0.8:554/stream1',
        plain: 'http://127.0.0.1:8080/api/health and user@example.org',
        missing: 'MQTT_PASSWORD_FILE: is missing',
        hasToken: true,
        tokens: 12,
        error: new SharpEyesError('camera_auth', 'the camera refuses the password'),
        at: new Date(0),
        size: 12n,
        bytes: new Uint8Array(5),
      },
      'camera cam-1 is offline',
    ),
  )
  expect(line).toMatchObject({
    part: 'test',
    msg: 'camera cam-1 is offline',
    camera: 'cam-1',
    epoch: 4,
    event: '0197a000-0000-7000-8000-00000000000a',
    url: 'rtsp://***@10.0.0.8:554/stream1',
    plain: 'http://127.0.0.1:8080/api/health and user@example.org',
    missing: 'MQTT_PASSWORD_FILE: is missing',
    hasToken: true,
    tokens: 12,
    error: { name: 'SharpEyesError', message: 'the camera refuses the password', code: 'camera_auth' },
    at: '1970-01-01T00:00:00.000Z',
    size: '12',
    bytes: '[5 bytes]',
  })
})

test('a line has each key once, and anything at all can be logged', () => {
  const circle: Record<string, unknown> = { a: 1 }
  circle.self = circle
  const trap = {
    get broken() {
      throw new Error('a getter that throws')
    },
  }
  const lines = logged((log) => {
    log.child({ camera: 'a' }).info({ camera: 'b' }, 'once')
    log.info(
      { circle, trap, f: () => 1, s: Symbol('x'), big: 'x'.repeat(20_000), many: Array(500).fill(1) },
      'odd',
    )
    log.debug({}, 'not at this level')
  })
  expect(lines).toHaveLength(2)
  expect(lines[0]?.match(/"camera"/g)).toHaveLength(1)
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({
    circle: { a: 1, self: '[circular]' },
    trap: '[unreadable]',
    f: '[function]',
  })
  expect((lines[1] ?? '').length).toBeLessThan(12_000)
})

test('a hostile text is read in the end (a square of its length would take minutes)', () => {
  const parts = [
    'a',
    'x.y-z_',
    'http://a:b',
    'a://b:c/',
    'password',
    '?key=',
    'cookie: ',
    '-----BEGIN PRIVATE KEY-----',
  ]
  for (const part of parts) expect(redactText(part.repeat(200_000)).length).toBeLessThan(9_000)
})
