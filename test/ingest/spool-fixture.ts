import { execFileSync } from 'node:child_process'
import { type ReadingsMessage, toReadingsMessage } from '../../core/reading.ts'
import { TEST_TIME } from '../support/events.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** One reading of one device; its time is the number's, so each number is another message. */
export const readingsMessage = (device: string, n: number, worker = 'worker-1'): ReadingsMessage =>
  toReadingsMessage({
    device,
    protocol: 'mqtt',
    receivedAt: TEST_TIME,
    worker,
    status: null,
    readings: [
      {
        factor: 'a34004',
        period: 'instant',
        statistic: 'value',
        at: TEST_TIME + n * 1_000,
        value: n,
        flag: null,
      },
    ],
  })

/** A real disk of its own size. Null where this process may not mount. */
export async function smallDisk(
  bytes: number,
): Promise<(AsyncDisposable & { readonly path: string }) | null> {
  const run = (program: string, ...args: readonly string[]) =>
    execFileSync(program, args, { stdio: 'ignore' })
  const folder = await tempFolder()
  try {
    run('mount', '-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder.path)
  } catch {
    await folder[Symbol.asyncDispose]()
    return null
  }
  return {
    path: folder.path,
    async [Symbol.asyncDispose]() {
      run('umount', folder.path)
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** Whether `smallDisk` can work here. Mounting is a right that a container in CI may lack: then it says so. */
export async function mayMount(): Promise<boolean> {
  const probe = await smallDisk(64 * 1_024)
  await probe?.[Symbol.asyncDispose]()
  if (!probe) process.stderr.write('skipped: a full disk, because this process may not mount a tmpfs\n')
  return probe !== null
}
