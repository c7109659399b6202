import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSettings } from '../../app/settings.ts'
import { tempFolder } from '../support/temp-folder.ts'

test('nothing set is everything embedded', async () => {
  const settings = await readSettings({ KAFKA_BROKERS: '', HOME: '/root' })
  const { databaseUrl, kafka, mqtt, smtp, s3, control, otlpUrl } = settings
  expect([databaseUrl, kafka, mqtt, smtp, s3, control, otlpUrl]).toEqual(Array(7).fill(null))
  expect(settings.sensorListen).toBe('127.0.0.1')
})

test('parts are read, secrets from their files without the last newline', async () => {
  await using folder = await tempFolder()
  const file = join(folder.path, 'secret')
  await writeFile(file, 'top\n')
  const settings = await readSettings({
    KAFKA_BROKERS: 'a:9092, b:9092',
    KAFKA_SASL: 'plain',
    KAFKA_USERNAME: 'eyes',
    KAFKA_PASSWORD_FILE: file,
    CONTROL_URL: 'http://api:8080/',
    WORKER_TOKEN_FILE: file,
  })
  expect(settings.kafka).toMatchObject({ brokers: ['a:9092', 'b:9092'], sasl: { password: 'top' } })
  expect(settings.control).toEqual({ url: 'http://api:8080', token: 'top' })
})

test('every fault is named at once, and no secret with it', async () => {
  const env = {
    MQTT_URL: 'mqtt://eyes:hunter2@broker',
    S3_ENDPOINT: 'http://s3',
    KAFKA_REPLICATION: 'many',
    CONTROL_URL: 'ftp://x',
  }
  const message = await readSettings(env).catch((error: Error) => error.message)
  expect(message).toContain('MQTT_URL')
  expect(message).toContain('KAFKA_REPLICATION')
  expect(message).toContain('CONTROL_URL')
  expect(message).not.toContain('hunter2')
  const second = await readSettings({ S3_ENDPOINT: 'http://s3', SMTP_HOST: 'relay' }).catch(
    (e: Error) => e.message,
  )
  expect(second).toContain('S3_BUCKET: is missing')
  expect(second).toContain('SMTP_FROM: is missing')
})

test('an identity provider is reached by TLS, or on this machine; its client is named', async () => {
  const read = (env: Record<string, string>) => readSettings(env).catch((error: Error) => error.message)
  for (const issuer of [
    'http://login.city.example',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
  ])
    expect(await read({ OIDC_ISSUER: issuer, OIDC_CLIENT_ID: 'eyes' }), issuer).toContain(
      'OIDC_ISSUER: is plain http to another machine',
    )
  expect(await read({ OIDC_ISSUER: 'https://login.city.example' })).toContain('OIDC_CLIENT_ID: is missing')
  for (const issuer of [
    'https://login.city.example/realms/city',
    'http://127.0.0.1:9000',
    'http://[::1]:9000/',
  ])
    expect((await readSettings({ OIDC_ISSUER: issuer, OIDC_CLIENT_ID: 'eyes' })).oidc).toEqual({
      ...{ issuer, clientId: 'eyes', clientSecret: null, claim: 'preferred_username', button: null },
    })
})
