import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { isLoopback, isSameOrigin, showsToken } from '../../dashboard-api/http/security.ts'
import { mayHear } from '../../dashboard-api/stream/rights.ts'

const from = (remoteAddress: string, headers: Record<string, string> = {}) =>
  ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage

test('only the socket says where a call comes from', () => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
    expect(isLoopback(from(address)), address).toBe(true)
    // A proxy on this machine: whoever asks is elsewhere.
    expect(isLoopback(from(address, { 'x-forwarded-for': '203.0.113.9' })), address).toBe(false)
    expect(isLoopback(from(address, { forwarded: 'for=203.0.113.9' })), address).toBe(false)
  }
  for (const address of ['10.0.0.1', '::ffff:10.0.0.1', '2001:db8::1', '1127.0.0.1', '']) {
    expect(isLoopback(from(address, { 'x-forwarded-for': '127.0.0.1' })), address).toBe(false)
  }
})

test('only the whole token of the monitoring opens', () => {
  const shows = (authorization: string, token: string | null = 'twelve herons') =>
    showsToken(from('10.0.0.1', { authorization }), token)
  expect(shows('Bearer twelve herons')).toBe(true)
  for (const wrong of ['', 'Bearer ', 'Bearer twelve', 'twelve herons', 'Bearer null'])
    expect(shows(wrong)).toBe(false)
  expect(shows('Bearer null', null)).toBe(false)
  expect(showsToken(from('10.0.0.1'), 'x')).toBe(false)
})

test('an origin is the same when its host is the one that was asked, or the public one', () => {
  const asks = (origin: string, host = 'eyes.example:8080', publicUrl?: string) =>
    isSameOrigin(from('10.0.0.1', { origin, host }), publicUrl)
  expect(asks('http://eyes.example:8080')).toBe(true)
  expect(asks('http://eyes.example')).toBe(false)
  expect(asks('http://eyes.example:8080.evil.example')).toBe(false)
  expect(asks('null')).toBe(false)
  expect(asks('https://eyes.city', 'inner:8080', 'https://eyes.city/')).toBe(true)
  expect(asks('https://evil.city', 'inner:8080', 'https://eyes.city/')).toBe(false)
  expect(isSameOrigin(from('10.0.0.1', { host: 'x' }), undefined)).toBe(true)
})

test('an engineer who is an officer too hears of the own department’s cases only', () => {
  const actor = { kind: 'person', name: 'x', roles: ['admin', 'officer'], department: 'ecology' } as const
  const change = (departments: string[]) =>
    ({ pos: '1', topic: 'case', key: 'k', at: new Date(), payload: { departments } }) as const
  expect(mayHear(actor, change(['ecology']))).toBe(true)
  expect(mayHear(actor, change(['market']))).toBe(false)
})
