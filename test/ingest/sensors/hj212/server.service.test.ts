import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../../../adapters/clock.ts'
import { SharpEyesError } from '../../../../core/errors.ts'
import { type ReadingsMessage, readingsMessageSchema } from '../../../../core/reading.ts'
import { encodeFrame } from '../../../../ingest/sensors/hj212/encode.ts'
import { hj212Problems } from '../../../../ingest/sensors/hj212/facts.ts'
import { type Hj212ServerDeps, startHj212Server } from '../../../../ingest/sensors/hj212/server.ts'
import type { Hj212Device } from '../../../../ingest/sensors/hj212/verdict.ts'
import { runScript } from '../../../support/child.ts'
import { recordingLog, recordingMetrics } from '../../../support/log.ts'
import { manualClock } from '../../../support/manual-clock.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { waitUntil } from '../../../support/wait-until.ts'
import { answerTo, type Device, frame, MN, openDevice, packet } from './device.ts'
import { segmentOf, wire } from './vectors.ts'

const OPEN: Hj212Device = { crc: 'hj', password: null }

/** A sink that the test opens and shuts. */
function testSink() {
  const stored: ReadingsMessage[] = []
  const batches: number[] = []
  let gate = Promise.resolve()
  let fault: Error | null = null
  return {
    stored,
    batches,
    values: () => stored.flatMap(({ data }) => data.readings.map(({ value }) => value)),
    /** Nothing is stored until the returned function is called. */
    hold(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
    refuse(error: Error | null) {
      fault = error
    },
    async append(messages: readonly ReadingsMessage[]) {
      batches.push(messages.length)
      await gate
      if (fault) throw fault
      stored.push(...messages)
    },
  }
}

async function server(options: Partial<Hj212ServerDeps> & { mns?: Record<string, Hj212Device> } = {}) {
  const { mns = { [MN]: OPEN }, ...deps } = options
  const sink = testSink()
  const log = recordingLog()
  const metrics = recordingMetrics()
  const configured = new Map(Object.entries(mns))
  const running = await startHj212Server({
    ...{ listen: '127.0.0.1', port: 0, timezone: 'Asia/Shanghai', worker: 'w1', devices: () => configured },
    ...{ sink, clock: systemClock, log, metrics },
    ...deps,
  })
  return {
    ...{ sink, log, metrics, configured, facts: running.facts, port: running.port, stop: running.stop },
    refused: (why: string) => metrics.counts.get(`hj212_refused_total{why=${why}}`) ?? 0,
    problems: () => hj212Problems(running.facts()),
    [Symbol.asyncDispose]: running.stop,
  }
}
const range = (count: number, from = 1) => Array.from({ length: count }, (_, n) => from + n)

test('a packet becomes a message, is stored, and then answered', async () => {
  await using site = await server({ mns: { LXHB0CS0306310: OPEN } })
  using device = await openDevice(site.port)
  const before = systemClock.now()
  await device.send(wire('nanograms'))
  await device.answered(1)
  expect(device.answers).toEqual([segmentOf('dataAnswer')])
  const [message] = site.sink.stored
  expect(readingsMessageSchema.parse(message)).toEqual(message)
  expect(message).toMatchObject({
    source: '/devices/LXHB0CS0306310',
    data: { device: 'LXHB0CS0306310', protocol: 'hj212', worker: 'w1', status: null },
  })
  expect(message?.data.receivedAt).toBeGreaterThanOrEqual(before)
  expect(message?.data.readings).toHaveLength(9)
  expect(message?.data.readings[0]).toEqual({
    ...{ factor: 'a34004', period: 'instant', statistic: 'value', value: 75_600, flag: 'N' },
    at: Date.parse('2018-04-27T12:58:09+08:00'),
  })
  const [known] = site.facts().devices
  expect(known?.mn).toBe('LXHB0CS0306310')
  expect(known?.skewMs).toBeGreaterThan(0)
})

test('there is no answer before the packet is stored', async () => {
  await using site = await server()
  using device = await openDevice(site.port)
  const release = site.sink.hold()
  await device.send(frame(1))
  await waitUntil('the sink has the packet', () => site.sink.batches.length === 1)
  // A heartbeat goes around: what the server had to say by then has come.
  await device.send(frame(2, { cn: '9015', time: null, fields: {} }))
  await device.answered(1)
  expect(device.answers).toEqual([answerTo(2, { cn: '9013' })])
  expect(site.facts()).toMatchObject({ unstored: 1, stored: 0 })
  release()
  await device.answered(2)
  expect(device.answers[1]).toBe(answerTo(1))
  expect(site.facts()).toMatchObject({ unstored: 0, stored: 1, answered: 2 })
})

test('a packet that the sink refuses is not answered; sent again it is the same message', async () => {
  await using site = await server()
  using device = await openDevice(site.port)
  site.sink.refuse(new SharpEyesError('spool_full', 'the spool is full'))
  await device.send(frame(1))
  await device.send(frame(2, { flag: 4 }))
  await waitUntil('both are refused', () => site.facts().notStored === 2)
  expect(site.facts()).toMatchObject({ refusing: true, stored: 0, answered: 0, lost: 1 })
  expect(site.problems()[0]).toContain('readings are not stored')
  const [refused] = site.sink.batches
  expect(refused).toBeGreaterThan(0)
  site.sink.refuse(null)
  await device.send(frame(1))
  await device.answered(1)
  await device.send(frame(1))
  await device.answered(2)
  expect(device.answers).toEqual([answerTo(1), answerTo(1)])
  expect(new Set(site.sink.stored.map(({ id }) => id)).size).toBe(1)
  expect(site.facts()).toMatchObject({ refusing: false, stored: 2 })
  expect(site.log.lines.filter((line) => line.includes('spool_full'))).toHaveLength(1)
})

test('packets in one write, in single bytes, and over two connections', async () => {
  await using site = await server()
  using device = await openDevice(site.port)
  const three = Buffer.concat([frame(1), frame(2), frame(3)])
  await device.send(three)
  await device.answered(3)
  for (const byte of frame(4)) await device.send(Buffer.from([byte]))
  await device.answered(4)
  // Half a packet is lost with its connection; the device sends all of it again.
  await device.send(frame(5).subarray(0, 60))
  device.destroy()
  using again = await openDevice(site.port)
  await again.send(frame(5))
  await again.answered(1)
  expect(site.sink.values()).toEqual([1, 2, 3, 4, 5])
  expect(device.answers).toEqual(range(4).map((n) => answerTo(n)))
  expect(again.answers).toEqual([answerTo(5)])
})

test('parts of a split packet, out of order, on two connections', async () => {
  await using site = await server()
  using one = await openDevice(site.port)
  using two = await openDevice(site.port)
  const minute = { cn: '2051', flag: 7 }
  const parts = [1, 2, 3].map((no) =>
    frame(7, {
      ...{ ...minute, part: { count: 3, no }, fields: { [`a${no}-Avg`]: no } },
      time: no === 1 ? '20260101080000' : null,
    }),
  ) as [Buffer, Buffer, Buffer]
  await one.send(parts[1])
  await one.send(frame(8))
  await one.answered(1)
  expect(one.answers).toEqual([answerTo(8)])
  await two.send(parts[0])
  await two.answered(1)
  await one.answered(2)
  await two.send(parts[2])
  await two.answered(2)
  expect(one.answers[1]).toBe(answerTo(7))
  expect(site.sink.stored.slice(1).map(({ data }) => data.readings[0])).toEqual(
    [1, 2, 3].map((no) => ({
      ...{ factor: `a${no}`, period: 'minute', statistic: 'avg', value: no, flag: null },
      at: Date.parse('2026-01-01T08:00:00+08:00'),
    })),
  )
})

test('parts whose time never comes are given up and counted', async () => {
  const clock = manualClock(Date.parse('2026-01-01T00:00:00Z'))
  await using site = await server({ clock, limits: { lingerMs: 0, partsMs: 60_000 } })
  using device = await openDevice(site.port)
  await device.send(frame(1, { cn: '2051', flag: 7, part: { count: 2, no: 2 }, time: null }))
  await device.send(frame(2))
  await device.answered(1)
  clock.advance(61_000)
  await waitUntil('it is given up', () => site.refused('part_without_time') === 1)
  expect(device.answers).toEqual([answerTo(2)])
})

test('a device that is not in the city file is named, not stored, not answered', async () => {
  await using site = await server()
  using device = await openDevice(site.port)
  await device.send(frame(1, { mn: 'STRANGER1' }))
  await device.send(frame(2, { mn: 'STRANGER1' }))
  await device.send(frame(3))
  await device.answered(1)
  expect(device.answers).toEqual([answerTo(3)])
  expect(site.sink.values()).toEqual([3])
  expect(site.facts().faults.unknown_device).toMatchObject([
    { name: 'STRANGER1', address: '127.0.0.1', packets: 2 },
  ])
  expect(site.problems()).toEqual([expect.stringContaining('unknown device STRANGER1 from 127.0.0.1')])
  expect(site.refused('unknown_device')).toBe(2)
  // Once it is configured it is heard, and no longer a fault.
  site.configured.set('STRANGER1', OPEN)
  await device.send(frame(4, { mn: 'STRANGER1' }))
  await device.answered(2)
  expect(site.problems()).toEqual([])
})

test('another password is refused and named, and no password is ever logged', async () => {
  await using site = await server({ mns: { [MN]: { crc: 'hj', password: 'right-one' } } })
  using device = await openDevice(site.port)
  await device.send(frame(1, { password: 'wrong-one' }))
  await device.send(frame(2, { mn: 'STRANGER', password: 'strange-one' }))
  await device.send(frame(3, { password: 'right-one', cn: '2999' }))
  await device.send(frame(4, { password: 'right-one', time: 'x' }))
  await waitUntil('all are refused', () => site.refused('no_time') === 1)
  const [problem, ...rest] = site.problems().filter((text) => text.includes('PW'))
  expect(rest).toEqual([])
  expect(problem).toContain(MN)
  await device.send(frame(5, { password: 'right-one' }))
  await device.answered(1)
  expect(site.sink.values()).toEqual([5])
  expect(site.refused('wrong_password')).toBe(1)
  expect(site.facts().faults.wrong_password).toEqual([])
  const seen = JSON.stringify([site.log.lines, site.facts(), site.problems(), [...site.metrics.counts]])
  expect(site.log.lines.length).toBeGreaterThan(3)
  for (const secret of ['wrong-one', 'right-one', 'strange-one']) expect(seen).not.toContain(secret)
})

test('a MODBUS checksum is refused, unless the device is known for it', async () => {
  const mn = 'ABCDEFG1234567'
  await using site = await server({ mns: { [mn]: OPEN } })
  using device = await openDevice(site.port)
  await device.send(wire('modbus'))
  await device.send(encodeFrame(packet(1, { mn }), 'modbus'))
  await waitUntil('both are refused', () => site.refused('wrong_crc') === 2)
  expect(site.problems()).toEqual([expect.stringContaining('set "crc: modbus"')])
  site.configured.set(mn, { crc: 'modbus', password: null })
  await device.send(wire('modbus'))
  await device.send(encodeFrame(packet(2, { mn }), 'modbus'))
  await device.answered(1)
  // Once it is repaired it computes the right one.
  await device.send(frame(3, { mn }))
  await device.answered(2)
  expect(site.sink.values()).toEqual([2, 3])
  expect(device.answers).toEqual([answerTo(2, { mn }), answerTo(3, { mn })])
  expect(site.metrics.counts.get('hj212_odd_total{what=modbus}')).toBe(2)
  // CN=1061 is the reply to a request that was never made.
  expect(site.metrics.counts.get('hj212_ignored_total{cn=1061}')).toBe(1)
  expect(site.problems()).toEqual([])
})

test('heartbeat, question for the time and start-up are answered, unknown commands are named', async () => {
  await using site = await server()
  using device = await openDevice(site.port)
  const bare = { time: null, fields: {} }
  await device.send(frame(1, { cn: '9015', flag: 9, ...bare }))
  await device.send(frame(2, { cn: '1013', ...bare }))
  await device.send(frame(3, { cn: '2081', fields: { RestartTime: '20260101075900' } }))
  await device.send(frame(4, { cn: '2999' }))
  await device.send(frame(5, { cn: '9015', flag: 8, ...bare }))
  await device.send(frame(6, { cn: '2011', fields: {} }))
  await device.answered(4)
  expect(device.answers).toEqual([
    answerTo(1, { cn: '9013', flag: 8 }),
    answerTo(2, { cn: '9013' }),
    answerTo(3),
    answerTo(6),
  ])
  expect(site.sink.stored).toEqual([])
  expect(site.problems()).toEqual([expect.stringContaining('unknown command CN=2999')])
})

test('2025 with encrypted parameters is named', async () => {
  await using site = await server()
  using device = await openDevice(site.port)
  await device.send(encodeFrame(`QN=1;ST=22;CN=2011;MN=${MN};Flag=9;CP=&&681edf34d206965e86b3e94f536e4246&&`))
  await waitUntil('it is refused', () => site.refused('encrypted') === 1)
  expect(site.problems()).toEqual([expect.stringContaining('SM4')])
})

test('a device that closes its side still gets its answer', async () => {
  await using site = await server()
  using device = await openDevice(site.port)
  const release = site.sink.hold()
  await device.send(frame(1))
  device.end()
  await waitUntil('the sink has the packet', () => site.sink.batches.length === 1)
  release()
  await device.answered(1)
  await waitUntil('the line is closed', () => device.closed)
})

test('nobody is read from while too much waits for the sink, and nothing is lost by it', async () => {
  await using site = await server({ limits: { unstoredEach: 8, unstored: 20, batch: 5 } })
  const release = site.sink.hold()
  const devices: (Device & Disposable)[] = []
  for (const of of range(4)) {
    const device = await openDevice(site.port)
    devices.push(device)
    void device.send(Buffer.concat(range(50, of * 100).map((n) => frame(n))))
  }
  await waitUntil('as much as may wait', () => site.facts().unstored === 20)
  // Another device is heard by nobody, but its packet is not lost either.
  const late = await openDevice(site.port)
  devices.push(late)
  await late.send(frame(900))
  expect(site.facts().unstored).toBe(20)
  release()
  for (const device of devices.slice(0, 4)) await device.answered(50)
  await late.answered(1)
  for (const [index, device] of devices.slice(0, 4).entries())
    expect(device.answers).toEqual(range(50, (index + 1) * 100).map((n) => answerTo(n)))
  expect(site.sink.batches.every((count) => count <= 5)).toBe(true)
  expect(site.sink.stored).toHaveLength(201)
  for (const device of devices) device.destroy()
})

test('one device that sends without pause is read no further than its share', async () => {
  await using site = await server({ limits: { unstoredEach: 8, batch: 5 } })
  const release = site.sink.hold()
  using device = await openDevice(site.port)
  // Many chunks of the socket.
  const much = range(5_000)
  const sent = device.send(Buffer.concat(much.map((n) => frame(n, { flag: 4 }))))
  await waitUntil('its share waits', () => site.facts().unstored === 8)
  // Another one is served beside it as soon as the sink goes on.
  using other = await openDevice(site.port)
  await other.send(frame(70_000))
  await waitUntil('the other one is heard', () => site.facts().unstored === 9)
  release()
  await other.answered(1)
  await sent
  await waitUntil('everything is stored', () => site.facts().stored === much.length + 1)
  expect(site.sink.values().filter((value) => value !== 70_000)).toEqual(much)
})

test('packets of many devices are stored together', async () => {
  await using site = await server()
  const release = site.sink.hold()
  const devices = await Promise.all(range(300).map(() => openDevice(site.port)))
  await waitUntil('all are connected', () => site.facts().connections === 300)
  await Promise.all(devices.map((device, n) => device.send(frame(n))))
  await waitUntil('all wait', () => site.facts().unstored === 300)
  release()
  await Promise.all(devices.map((device) => device.answered(1)))
  expect(devices.map(({ answers }) => answers)).toEqual(devices.map((_, n) => [answerTo(n)]))
  expect(site.sink.batches.length).toBeLessThan(30)
  expect(new Set(site.sink.values())).toEqual(new Set(range(300, 0)))
  for (const device of devices) device.destroy()
  await waitUntil('all are gone', () => site.facts().connections === 0)
})

test('silent and endlessly slow connections are closed, strangers make room for devices', async () => {
  const clock = manualClock(Date.parse('2026-01-01T00:00:00Z'))
  await using site = await server({ clock, limits: { connections: 2, idleMs: 60_000, lingerMs: 0 } })
  using device = await openDevice(site.port)
  await device.send(frame(1))
  await device.answered(1)
  using slow = await openDevice(site.port)
  await waitUntil('both are there', () => site.facts().connections === 2)
  // No place, and the stranger has only just come.
  using refused = await openDevice(site.port)
  await waitUntil('the third is refused', () => refused.closed)
  clock.advance(20_000)
  using second = await openDevice(site.port)
  await waitUntil('the stranger has made room', () => slow.closed)
  await second.send(frame(2).subarray(0, 50))
  clock.advance(50_000)
  await waitUntil('the device was silent for over a minute', () => device.closed)
  await second.send(frame(2).subarray(50, 60))
  clock.advance(50_000)
  await waitUntil('half a packet keeps no line open', () => second.closed)
  const closed = (why: string) => site.metrics.counts.get(`hj212_closed_total{why=${why}}`)
  expect([closed('no_room'), closed('stranger'), closed('idle')]).toEqual([1, 1, 2])
})

test('a device that is not read from for our own sake is not silent', async () => {
  const clock = manualClock(Date.parse('2026-01-01T00:00:00Z'))
  await using site = await server({ clock, limits: { idleMs: 60_000, lingerMs: 0, unstoredEach: 2 } })
  using silent = await openDevice(site.port)
  using device = await openDevice(site.port)
  const release = site.sink.hold()
  await device.send(Buffer.concat(range(5).map((n) => frame(n))))
  await waitUntil('its share waits', () => site.facts().unstored === 2)
  await waitUntil('both are there', () => site.facts().connections === 2)
  clock.advance(70_000)
  await waitUntil('the silent one is closed', () => silent.closed)
  release()
  await device.answered(5)
  expect(device.closed).toBe(false)
})

test('whatever bytes come, devices beside them are served', async () => {
  await using site = await server({ limits: { maxBuffer: 2_000 } })
  using device = await openDevice(site.port)
  let seed = 42
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return seed / 0x7fffffff
  }
  const pieces = [
    '##',
    '##0100',
    '##9999',
    '##0000FFFF',
    '\r\n',
    'CP=&&',
    ';',
    '=',
    '&&',
    'MN=',
    '\0',
    '\xff\xfe',
  ]
  for (const round of range(20)) {
    using hostile = await openDevice(site.port)
    for (const _ of range(20)) {
      const noise = Buffer.from(range(200).map(() => random() * 256))
      const shaped = range(50).map(() => pieces[Math.floor(random() * pieces.length)])
      const damaged = frame(round, { mn: random() < 0.5 ? MN : 'X' })
      damaged[Math.floor(random() * damaged.length)] = random() * 256
      const segment = Buffer.from(range(80).map(() => random() * 256)).toString('latin1')
      const valid = encodeFrame(
        `MN=${MN};CN=2011;CP=&&DataTime=20260101000000;${segment}&&`.replace(/#/g, ''),
      )
      await hostile.send(Buffer.concat([noise, Buffer.from(shaped.join(''), 'latin1'), damaged, valid]))
    }
    await device.send(frame(1_000 + round))
    await device.answered(round)
  }
  expect(device.answers).toEqual(range(20).map((round) => answerTo(1_000 + round)))
  expect(site.refused('internal')).toBe(0)
  expect(site.refused('crc') + site.refused('cut')).toBeGreaterThan(0)
  for (const message of site.sink.stored) expect(readingsMessageSchema.safeParse(message).success).toBe(true)
})

test('a connection that sends nothing but garbage is closed', async () => {
  await using site = await server()
  using hostile = await openDevice(site.port)
  for (const _ of range(70)) void hostile.send(Buffer.alloc(1_024, 'GET / HTTP/1.1 '))
  await waitUntil('it is closed', () => hostile.closed)
  expect(site.refused('garbage')).toBe(1)
  // A bad line is no garbage: what is in order between it keeps the connection.
  using noisy = await openDevice(site.port)
  for (const n of range(100)) {
    await noisy.send(Buffer.concat([Buffer.alloc(1_024, 'x'), frame(n)]))
    await noisy.answered(n)
  }
  expect(noisy.closed).toBe(false)
})

test('the list of strangers is bounded and printable', async () => {
  await using site = await server()
  using device = await openDevice(site.port)
  await device.send(Buffer.concat(range(300).map((n) => frame(n, { mn: `\u0007X${n}` }))))
  await device.send(frame(1))
  await device.answered(1)
  const named = site.facts().faults.unknown_device
  expect(named).toHaveLength(100)
  expect(named.at(-1)?.name).toBe('?X300')
  expect(site.problems()).toHaveLength(6)
  expect(site.log.lines.filter((line) => line.includes('unknown_device')).length).toBeLessThanOrEqual(10)
})

test('a packet with more than 500 readings is several messages', async () => {
  await using site = await server()
  using device = await openDevice(site.port)
  const fields = Object.fromEntries(range(700).map((n) => [`f${n}-Rtd`, n]))
  await device.send(frame(1, { fields }))
  await device.answered(1)
  expect(site.sink.stored.map(({ data }) => data.readings.length)).toEqual([500, 200])
  expect(new Set(site.sink.stored.map(({ id }) => id)).size).toBe(2)
  expect(site.metrics.counts.get('hj212_odd_total{what=long_segment}')).toBe(1)
})

test('stopping answers what is stored and takes nothing more in', async () => {
  const site = await server()
  using device = await openDevice(site.port)
  const release = site.sink.hold()
  await device.send(frame(1))
  await waitUntil('the sink has the packet', () => site.sink.batches.length === 1)
  const stopped = site.stop()
  release()
  await stopped
  await device.answered(1)
  await waitUntil('the line is closed', () => device.closed)
  expect(device.answers).toEqual([answerTo(1)])
  await expect(openDevice(site.port)).rejects.toThrow('ECONNREFUSED')
})

test('stopping leaves to the device what is not with the sink yet', async () => {
  const site = await server({ limits: { unstoredEach: 2, batch: 1 } })
  using device = await openDevice(site.port)
  const release = site.sink.hold()
  await device.send(Buffer.concat(range(60).map((n) => frame(n))))
  await waitUntil('its share waits', () => site.facts().unstored === 2)
  const stopped = site.stop()
  release()
  await stopped
  await waitUntil('the line is closed', () => device.closed)
  expect(site.sink.values()).toEqual([1, 2])
  expect(device.answers).toEqual([answerTo(1), answerTo(2)])
})

test('a taken port is named', async () => {
  await using site = await server()
  await expect(server({ port: site.port })).rejects.toMatchObject({ code: 'port_taken' })
})

test('killed between storing and answering, the packet that is sent again is the same message', async () => {
  await using folder = await tempFolder()
  const path = join(folder.path, 'ids')
  const child = async (then: 'answer' | 'silent') => {
    const run = runScript(new URL('./server-child.ts', import.meta.url).pathname, [path, then])
    await run.said('listening')
    return { ...run, port: Number(await readFile(`${path}.port`)), [Symbol.dispose]: run.kill }
  }
  using first = await child('silent')
  using device = await openDevice(first.port)
  await device.send(frame(1))
  await first.said('stored')
  first.kill()
  await first.exited
  await waitUntil('the line is cut', () => device.closed)
  expect(device.answers).toEqual([])

  using second = await child('answer')
  using again = await openDevice(second.port)
  await again.send(frame(1))
  await again.answered(1)
  expect(again.answers).toEqual([answerTo(1)])
  const ids = (await readFile(path, 'utf8')).trim().split('\n')
  expect(ids).toHaveLength(2)
  expect(new Set(ids).size).toBe(1)
})
