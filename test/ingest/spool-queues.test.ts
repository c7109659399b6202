import { expect, test } from 'vitest'
import type { SpoolRequest } from '../../ingest/spool/protocol.ts'
import { createQueues, type Queues } from '../../ingest/spool/queues.ts'

const event: SpoolRequest = {
  kind: 'append',
  record: { eventId: 'e', sourceId: 'c', epoch: 1, seq: 1, kind: 'start', severity: 1, body: '', at: 0 },
}
const readings = (count: number): SpoolRequest => ({
  kind: 'append_readings',
  records: Array.from({ length: count }, (_, n) => ({ device: 'd', messageId: `${n}`, body: '', at: 0 })),
})

function asked(...requests: readonly SpoolRequest[]): Queues {
  const queues = createQueues()
  requests.forEach((request, id) => {
    queues.add({ id, request })
  })
  return queues
}

/** `<what> <ids>` of the next steps. */
function steps(queues: Queues, count = Number.POSITIVE_INFINITY): string[] {
  const found: string[] = []
  for (let n = 0; n < count; n += 1) {
    const work = queues.next()
    if (!work) break
    const ids = work.kind === 'one' ? [work.item.id] : work.group.map((item) => item.id)
    found.push(`${work.kind === 'one' ? work.item.request.kind : work.kind} ${ids.join(' ')}`)
  }
  return found
}

test('an event that comes into a flood of readings is next', () => {
  const flood = asked(...Array.from({ length: 40 }, () => readings(250)))
  expect(steps(flood, 1)).toEqual(['append_readings 0 1 2 3 4 5 6 7'])
  flood.add({ id: 100, request: event })
  flood.add({ id: 101, request: { kind: 'take', limit: 1 } })
  expect(steps(flood, 3)).toEqual(['append 100', 'take 101', 'append_readings 8 9 10 11 12 13 14 15'])
})

test('neighbouring appends share a commit; what was asked between them stays between them', () => {
  const take: SpoolRequest = { kind: 'take', limit: 1 }
  const takeReadings: SpoolRequest = { kind: 'take_readings', limit: 1, bytes: 1 }
  const queues = asked(event, readings(1), event, take, readings(1), event, takeReadings, readings(1))
  expect(steps(queues)).toEqual([
    'append 0 2',
    'take 3',
    'append 5',
    'append_readings 1 4',
    'take_readings 6',
    'append_readings 7',
  ])
})

test('a request that is larger than a commit is a commit of its own, and closing comes last', () => {
  const queues = asked(readings(3_000), readings(10), { kind: 'close' }, event)
  expect(steps(queues)).toEqual(['append 3', 'append_readings 0', 'append_readings 1', 'close 2'])
})
