import { expect, test } from 'vitest'
import { MAX_EVIDENCE_BYTES } from '../../dashboard-api/workers/uploads.ts'
import { flagOf, readText } from './files.ts'

const settings = readText('deploy', 'nginx', 'sharp-eyes.conf')

test('the proxy leads to the port of the unit of the api', () => {
  const start = /^ExecStart=(.*)$/m.exec(readText('deploy', 'systemd', 'sharp-eyes-api.service'))?.[1] ?? ''
  expect(settings).toContain(`server 127.0.0.1:${flagOf(start.split(' '), 'port')};`)
})

test('what a worker uploads fits through', () => {
  const mib = Number(/client_max_body_size (\d+)m;/.exec(settings)?.[1])
  expect(mib * 2 ** 20).toBeGreaterThan(MAX_EVIDENCE_BYTES)
})

test('what calls are judged by is passed on, and who asks', () => {
  for (const line of [
    'proxy_set_header Host $http_host;',
    'proxy_set_header Upgrade $http_upgrade;',
    'proxy_set_header X-Forwarded-For $remote_addr;',
    'proxy_set_header X-Forwarded-Proto $scheme;',
    'proxy_buffering off;',
  ])
    expect(settings).toContain(line)
})
