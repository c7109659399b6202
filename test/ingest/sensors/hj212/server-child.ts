import { open, writeFile } from 'node:fs/promises'
import { systemClock } from '../../../../adapters/clock.ts'
import { startHj212Server } from '../../../../ingest/sensors/hj212/server.ts'
import { recordingMetrics, silentLog } from '../../../support/log.ts'
import { MN } from './device.ts'

// A receiver in a process of its own, for a test that kills it.
//   node server-child.ts FILE answer|silent
// Writes its port to FILE.port and says "listening"; writes the id of each message to FILE, durably,
// then says "stored". `silent`: it never gets to the answer.

const [path = '', then = ''] = process.argv.slice(2)
const file = await open(path, 'a')
const devices = new Map([[MN, { crc: 'hj', password: null } as const]])
const server = await startHj212Server({
  ...{ listen: '127.0.0.1', port: 0, timezone: 'Asia/Shanghai', worker: 'child', devices: () => devices },
  ...{ clock: systemClock, log: silentLog, metrics: recordingMetrics() },
  sink: {
    async append(messages) {
      await file.write(messages.map(({ id }) => `${id}\n`).join(''))
      await file.datasync()
      process.stdout.write('stored\n')
      if (then === 'silent') await new Promise(() => {})
    },
  },
})
await writeFile(`${path}.port`, String(server.port))
process.stdout.write('listening\n')
