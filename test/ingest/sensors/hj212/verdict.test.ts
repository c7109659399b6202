import { expect, test } from 'vitest'
import { createCityTime } from '../../../../ingest/sensors/hj212/city-time.ts'
import { createLedger, type Hj212Facts, hj212Problems } from '../../../../ingest/sensors/hj212/facts.ts'
import { dataTimeOf } from '../../../../ingest/sensors/hj212/packets.ts'
import { decodeSegment, type Packet } from '../../../../ingest/sensors/hj212/segment.ts'
import { type Hj212Device, judge, receiveData } from '../../../../ingest/sensors/hj212/verdict.ts'
import { segmentOf, wire } from './vectors.ts'

const HJ: Hj212Device = { crc: 'hj', password: null }
const MODBUS: Hj212Device = { crc: 'modbus', password: null }
const packetOf = (segment: string): Packet => {
  const packet = decodeSegment(segment)
  if (typeof packet === 'string') throw new Error(packet)
  return packet
}
const receive = (packet: Packet, receivedAt = 0, crc: 'hj' | 'modbus' = 'hj') =>
  receiveData({ packet, dataTime: dataTimeOf(packet) }, crc, {
    ...{ cityTime: createCityTime('Asia/Shanghai'), receivedAt, worker: 'w' },
  })

test('vector 12 is taken only from a device that is known for MODBUS', () => {
  const packet = packetOf(segmentOf('modbus'))
  expect(judge(packet, 'modbus', HJ)).toEqual({ kind: 'refused', why: 'wrong_crc' })
  expect(judge(packet, 'modbus', MODBUS)).toEqual({ kind: 'ignored' })
  expect(judge(packet, 'hj', MODBUS)).toEqual({ kind: 'ignored' })
  expect(judge(packet, 'hj', undefined)).toEqual({ kind: 'refused', why: 'unknown_device' })
})

test('a password counts where one is configured, and none is another one', () => {
  const packet = packetOf(segmentOf('of2005'))
  const kind = (device: Hj212Device, of = packet) => {
    const verdict = judge(of, 'hj', device)
    return verdict.kind === 'refused' ? verdict.why : verdict.kind
  }
  expect(kind({ crc: 'hj', password: '123456' })).toBe('data')
  expect(kind({ crc: 'hj', password: '12345' })).toBe('wrong_password')
  expect(kind({ crc: 'hj', password: '123456' }, { ...packet, password: null })).toBe('wrong_password')
  expect(kind(HJ, { ...packet, password: null })).toBe('data')
})

test('an answer has the checksum that the device computes, and comes only where it is wanted', () => {
  const asks = packetOf(segmentOf('nanograms'))
  const data = receive(asks)
  expect('answer' in data && data.answer).toEqual(wire('dataAnswer'))
  const odd = receive(asks, 0, 'modbus')
  expect('answer' in odd && odd.answer?.toString()).not.toBe(wire('dataAnswer').toString())
  const silent = receive(packetOf(segmentOf('siteDust')))
  expect('answer' in silent && silent.answer).toBeNull()
})

test('the id of a message is made of what the device said', () => {
  const ids = (packet: Packet, at: number) => {
    const data = receive(packet, at)
    return 'messages' in data ? data.messages.map(({ id }) => id) : []
  }
  const packet = packetOf(segmentOf('airStation'))
  expect(ids(packet, 1)).toEqual(ids({ ...packet, qn: '20991231235959999', flag: 4 }, 2_000_000))
  expect(ids(packet, 1)).not.toEqual(ids({ ...packet, mn: 'ZX00002' }, 1))
  expect(ids(packet, 1)).not.toEqual(ids({ ...packet, cn: '2061' }, 1))
})

const facts = (of: Partial<Hj212Facts['faults']>): Hj212Facts => ({
  ...{ connections: 0, stored: 0, answered: 0, notStored: 0, lost: 0, unstored: 0 },
  ...{ refusing: false, devices: [] },
  faults: {
    ...{
      unknown_device: [],
      wrong_crc: [],
      wrong_password: [],
      unknown_command: [],
      no_time: [],
      encrypted: [],
    },
    ...of,
  },
})

test('the ledger keeps the newest of too many, counts, and forgets what is in order again', () => {
  const ledger = createLedger()
  const configured = new Map([['GOOD', HJ]])
  expect(ledger.fault('unknown_device', 'KEPT', '10.0.0.1', 0)).toBe(true)
  for (let n = 0; n < 99; n += 1) ledger.fault('unknown_device', `X${n}`, '10.0.0.2', n)
  expect(ledger.fault('unknown_device', 'KEPT', '10.0.0.3', 100)).toBe(false)
  ledger.fault('unknown_device', 'NEW', '10.0.0.2', 101)
  const names = ledger.faults(configured, 200).unknown_device.map(({ name }) => name)
  expect(names).toHaveLength(100)
  expect(names).not.toContain('X0')
  expect(names.slice(-2)).toEqual(['KEPT', 'NEW'])
  expect(ledger.faults(configured, 200).unknown_device.at(-2)).toEqual({
    ...{ name: 'KEPT', address: '10.0.0.3', packets: 2, lastAt: 100 },
  })

  ledger.fault('wrong_password', 'GOOD', '10.0.0.1', 0)
  ledger.fault('wrong_password', 'GONE', '10.0.0.1', 0)
  expect(ledger.faults(configured, 200).wrong_password.map(({ name }) => name)).toEqual(['GOOD'])
  ledger.heard('GOOD', 1_000, 1_500)
  ledger.heard('GOOD', null, 2_000)
  expect(ledger.faults(configured, 200).wrong_password).toEqual([])
  expect(ledger.devices(configured)).toEqual([{ mn: 'GOOD', lastAt: 2_000, skewMs: 500 }])
  expect(ledger.devices(new Map())).toEqual([])
})

test('a fault is told for an hour after its last packet', () => {
  const ledger = createLedger()
  ledger.fault('unknown_device', 'OLD', '10.0.0.1', 0)
  ledger.fault('unknown_device', 'NEWER', '10.0.0.1', 1)
  const names = (now: number) => ledger.faults(new Map(), now).unknown_device.map(({ name }) => name)
  expect(names(3_600_000)).toEqual(['OLD', 'NEWER'])
  expect(names(3_600_001)).toEqual(['NEWER'])
})

test('a few problems of a kind are told', () => {
  const fault = (name: string) => ({ name, address: '10.0.0.1', packets: 3, lastAt: 0 })
  const problems = hj212Problems(
    facts({ unknown_device: [1, 2, 3, 4, 5, 6, 7].map((n) => fault(`M${n}`)), encrypted: [fault('E')] }),
  )
  expect(problems).toHaveLength(7)
  expect(problems[0]).toBe(
    'unknown device M3 from 10.0.0.1 (3 packets): add its sensors to the city file (source: hj212, mn: "M3")',
  )
  expect(problems[5]).toBe('and 2 more like it')
  expect(hj212Problems(facts({}))).toEqual([])
})
