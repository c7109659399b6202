import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readSettings } from '../../app/settings.ts'
import { commandOf, flagOf, inProject, knownVariables, ourServices, readCompose, readText } from './files.ts'

const compose = readCompose()
const services = Object.entries(compose.services)
const ours = ourServices(compose)
const PLACEHOLDERS = 'deploy/secrets.example'
const VOLUME = /^[a-z0-9-]+$/

const only = (environment: Readonly<Record<string, string>>, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, environment[name] ?? 'is not there']))

test('the compose file has the parts of a site, and each role once', () => {
  expect(ours.map(([name]) => name).sort()).toEqual(['alerts', 'api', 'apply', 'doctor', 'ingest', 'migrate'])
  expect(Object.keys(compose.services)).toEqual(
    expect.arrayContaining(['postgres', 'kafka', 'mosquitto', 's3', 'bucket', 'prometheus', 'grafana']),
  )
})

test('every command is one that the program takes', async () => {
  for (const [name, { command = [] }] of ours) expect(await commandOf(command), name).toBe(name)
})

test('every variable is one that the program knows', () => {
  const known = knownVariables()
  const unknown = ours.flatMap(([name, { environment = {} }]) =>
    Object.keys(environment)
      .filter((variable) => !known.has(variable))
      .map((variable) => `${name}: ${variable}`),
  )
  expect(unknown).toEqual([])
})

test('the settings of every role are accepted as they stand', async () => {
  for (const [name, { environment = {} }] of ours) {
    // Secrets lie elsewhere in a container; the placeholders stand for them.
    const env = Object.fromEntries(
      Object.entries(environment).map(([key, value]) => [
        key,
        value.replace(/^\/run\/secrets\//, `${inProject(PLACEHOLDERS)}/`),
      ]),
    )
    const settings = await readSettings(env)
    if (name !== 'ingest') expect(settings.databaseUrl, name).toContain('@postgres:5432/sharp_eyes')
    if (!['apply', 'api'].includes(name)) expect(settings.kafka?.brokers, name).toEqual(['kafka:9092'])
    if (['api', 'alerts'].includes(name)) expect(settings.s3?.bucket, name).toBe('evidence')
  }
})

test('people log in by an identity provider where one is named, and by password alone where none is', async () => {
  const environment = compose.services.api?.environment ?? {}
  const names = [...knownVariables()].filter((name) => name.startsWith('OIDC_')).sort()
  expect(
    Object.keys(environment)
      .filter((name) => name.startsWith('OIDC_'))
      .sort(),
  ).toEqual(names)
  const oidc = (await readSettings({ ...only(environment, names) })).oidc
  expect(oidc ?? null).toBeNull()
  const named = { OIDC_ISSUER: 'https://id.example', OIDC_CLIENT_ID: 'sharp-eyes' }
  expect((await readSettings({ ...only(environment, names), ...named })).oidc).toMatchObject({
    ...{ issuer: 'https://id.example', clientId: 'sharp-eyes', claim: 'preferred_username', button: null },
  })
})

test('a worker holds no key of the database or of the evidence store', () => {
  const ingest = compose.services.ingest
  expect(ingest?.secrets).toEqual(['worker-token'])
  expect(Object.keys(ingest?.environment ?? {}).filter((name) => /^(DATABASE|S3)_/.test(name))).toEqual([])
})

test('a worker keeps its name when its container is made anew, and devices reach it', () => {
  const { hostname, environment, ports } = compose.services.ingest ?? {}
  expect(hostname).toMatch(/^[a-z0-9-]+$/)
  expect(environment?.SENSOR_LISTEN).toBe('0.0.0.0')
  // Closed until an address of the devices' network is named: MQTT and HJ 212 know no password worth the name.
  expect(ports).toEqual(['127.0.0.1:9212:9212'])
  expect(compose.services.mosquitto?.ports).toEqual(['127.0.0.1:1883:1883'])
})

test('every secret that a service names is defined, has a placeholder, and is given to whoever reads it', () => {
  const placeholders = readdirSync(inProject(PLACEHOLDERS)).sort()
  expect(Object.keys(compose.secrets).sort()).toEqual(placeholders)
  for (const [name, { file }] of Object.entries(compose.secrets)) expect(file).toBe(`./secrets/${name}`)
  for (const [name, { secrets = [], environment = {}, command = [] }] of services) {
    // Prometheus' settings are a file of their own.
    const settings = name === 'prometheus' ? [readText('deploy', 'prometheus', 'prometheus.yml')] : []
    const read = [...Object.values(environment), ...command, ...settings].flatMap((value) =>
      [...value.matchAll(/\/run\/secrets\/([\w-]+)/g)].map((match) => match[1]),
    )
    expect([...new Set(read)].sort(), name).toEqual([...secrets].sort())
  }
})

test('the placeholders of the database agree, and a password that nobody replaced is refused where it can be', async () => {
  const placeholder = (name: string) => readText(PLACEHOLDERS, name).trim()
  expect(new URL(placeholder('database-url')).password).toBe(placeholder('postgres-password'))
  expect(placeholder('session').length).toBeLessThan(32)
  expect(placeholder('worker-token')).not.toMatch(/^sew_/)
})

test('every mounted file is there, and every volume is defined', () => {
  const missing = services.flatMap(([name, { volumes = [] }]) =>
    volumes
      .map((volume) => volume.split(':')[0] ?? '')
      .filter((source) =>
        VOLUME.test(source)
          ? !(source in compose.volumes)
          : // The city is the user's own; git does not have it.
            source !== './city' && !existsSync(inProject('deploy', source)),
      )
      .map((source) => `${name}: ${source}`),
  )
  expect(missing).toEqual([])
})

test('two kinds of services share no volume but that of commands', () => {
  const owners = new Map<string, string[]>()
  for (const [name, { volumes = [] }] of services)
    for (const source of volumes.map((volume) => volume.split(':')[0] ?? '').filter((s) => VOLUME.test(s)))
      owners.set(source, [...(owners.get(source) ?? []), name])
  const shared = [...owners].filter(([source, names]) => names.length > 1 && source !== 'work')
  expect(shared).toEqual([])
})

test('what a service waits for is a service, and a health that is waited for is looked at', () => {
  const image = readText('deploy', 'Dockerfile')
  expect(image).toContain('HEALTHCHECK')
  const wrong = services.flatMap(([name, { depends_on = {} }]) =>
    Object.entries(depends_on).flatMap(([other, { condition }]) => {
      const service = compose.services[other] as (object & { readonly image: string }) | undefined
      const looked = service && ('healthcheck' in service || service.image.startsWith('sharp-eyes:'))
      return service && (condition !== 'service_healthy' || looked) ? [] : [`${name} waits for ${other}`]
    }),
  )
  expect(wrong).toEqual([])
})

test('addresses lead to services of the file, at the port on which they listen', () => {
  const ports: Record<string, string> = { postgres: '5432', kafka: '9092', mosquitto: '1883', s3: '9000' }
  for (const [name, { command = [] }] of ours) ports[name] = flagOf(command, 'port') ?? ''
  const wrong = ours.flatMap(([name, { environment = {} }]) =>
    Object.entries(environment).flatMap(([key, value]) => {
      const place = /^(?:\w+:\/\/)?([a-z][\w-]*):(\d+)$/.exec(value)
      if (!place) return []
      const [, host = '', port] = place
      return ports[host] === port ? [] : [`${name}: ${key}=${value}`]
    }),
  )
  expect(wrong).toEqual([])
})

interface ScrapeConfig {
  readonly job_name: string
  readonly dns_sd_configs: readonly { readonly names: readonly string[]; readonly port: number }[]
}

test('Prometheus asks every role at the port on which it listens', () => {
  const config = parse(readText('deploy', 'prometheus', 'prometheus.yml')) as {
    readonly scrape_configs: readonly ScrapeConfig[]
    readonly rule_files: readonly string[]
  }
  const asked = config.scrape_configs.flatMap(({ job_name: job, dns_sd_configs: found }) =>
    found.flatMap(({ names, port }) => names.map((name) => ({ job, name, port }))),
  )
  const roles = ['api', 'alerts', 'ingest'].map((name) => ({
    job: name,
    name,
    port: Number(flagOf(compose.services[name]?.command ?? [], 'port')),
  }))
  expect(asked).toEqual(roles)
  for (const { command = [] } of roles.map(({ name }) => compose.services[name] ?? { command: [] }))
    expect(flagOf(command, 'listen')).toBe('0.0.0.0')
  for (const file of config.rule_files) expect(existsSync(inProject('deploy/prometheus', file))).toBe(true)
})

test('Grafana finds Prometheus and the dashboards where they are mounted', () => {
  const provisioning = inProject('deploy/grafana/provisioning')
  const { datasources } = parse(readFileSync(`${provisioning}/datasources/prometheus.yml`, 'utf8')) as {
    readonly datasources: readonly { readonly url: string }[]
  }
  const published = compose.services.prometheus?.ports?.[0]?.split(':').at(-1)
  expect(datasources.map(({ url }) => url)).toEqual([`http://prometheus:${published}`])
  const { providers } = parse(readFileSync(`${provisioning}/dashboards/sharp-eyes.yml`, 'utf8')) as {
    readonly providers: readonly { readonly options: { readonly path: string } }[]
  }
  const mounts = compose.services.grafana?.volumes ?? []
  for (const { options } of providers) expect(mounts).toContain(`./grafana/dashboards:${options.path}:ro`)
})

test('Mosquitto listens where the workers look, and drops nothing for one that is slow', () => {
  const settings = readText('deploy', 'mosquitto', 'mosquitto.conf')
  const port = new URL(compose.services.ingest?.environment?.MQTT_URL ?? '').port
  expect(settings).toMatch(new RegExp(`^listener ${port} 0\\.0\\.0\\.0$`, 'm'))
  expect(settings).toMatch(/^max_queued_messages 0$/m)
  expect(settings).toMatch(/^persistence true$/m)
  const folder = /^persistence_location (\S+)\/$/m.exec(settings)?.[1]
  expect(compose.services.mosquitto?.volumes).toContain(`mosquitto:${folder}`)
})
