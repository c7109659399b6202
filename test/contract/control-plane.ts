import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CameraStatus, ControlPlane, HeldCamera, WorkerFacts } from '../../core/ports/control.ts'
import { told } from '../../core/told.ts'
import { hazardEvent } from '../support/events.ts'
import type { TestDatabase } from '../support/postgres.ts'

export interface ControlBench extends AsyncDisposable {
  readonly database: TestDatabase
  /** The way to the cameras of one worker, and what the database calls it. */
  worker(label: string): Promise<{ readonly plane: ControlPlane; readonly name: string }>
  /** The same way while the database is away. */
  away(): Promise<ControlPlane>
}

const facts = (name: string, more: Partial<WorkerFacts> = {}): WorkerFacts => ({
  name,
  version: '0.1.0',
  model: 'street-1',
  endpoint: null,
  ...more,
})

export const cameraStatus = (camera: string, more: Partial<CameraStatus> = {}): CameraStatus => ({
  camera,
  state: 'online',
  since: Date.now(),
  attention: { level: 'sentry', fps: 0, reason: 'quiet' },
  problem: null,
  codec: 'avc1.64001f',
  width: 1920,
  height: 1080,
  lastFrameAt: Date.now(),
  unavailable: [],
  ...more,
})

/** Configures `count` cameras named cam-000 … and forgets everything else. */
export async function configureCameras(database: TestDatabase, count: number): Promise<void> {
  await database.query('truncate camera_leases, camera_status, coverage, workers, event_state')
  await database.query("update control_state set seen_at = now(), returned_at = '-infinity'")
  await database.query("delete from config_objects where kind = 'camera'")
  await database.query(
    `insert into config_objects (kind, id, managed_by, version, position, body)
     select 'camera', id, 'file', 1, n, jsonb_build_object('id', id, 'url', 'rtsp://127.0.0.1/' || n)
     from generate_series(0, $1 - 1) n, lateral (select 'cam-' || lpad(n::text, 3, '0') as id) named`,
    [count],
  )
}

/** What every way from a worker to its cameras keeps. `open` gives workers that are new for `settleMs`. */
export function controlPlaneContract(
  name: string,
  open: (options: { settleMs: number }) => Promise<ControlBench>,
): void {
  describe(`control plane: ${name}`, () => {
    let bench: ControlBench
    let patient: ControlBench
    beforeAll(async () => {
      bench = await open({ settleMs: 0 })
      patient = await open({ settleMs: 60_000 })
    })
    afterAll(async () => {
      await bench[Symbol.asyncDispose]()
      await patient[Symbol.asyncDispose]()
    })
    beforeEach(async () => {
      await configureCameras(bench.database, 2)
      await configureCameras(patient.database, 2)
    })

    const ids = (cameras: readonly HeldCamera[]) => cameras.map((held) => held.camera.id)
    const hold = async (label: string, capacity = 100, status: readonly CameraStatus[] = [], at = bench) => {
      const { plane } = await at.worker(label)
      return plane.hold(facts(label), capacity, status)
    }
    const cameras = async (label: string, capacity = 100, at = bench) =>
      (await hold(label, capacity, [], at)).cameras
    const nameOf = async (label: string, at = bench) => (await at.worker(label)).name
    /** Nobody has heard of this worker for longer than a lease. */
    const vanish = async (label: string, at = bench) => {
      const name = await nameOf(label, at)
      await at.database.query("update workers set last_seen = now() - interval '25 s' where name = $1", [
        name,
      ])
      await at.database.query("update camera_leases set until = now() - interval '5 s' where worker = $1", [
        name,
      ])
    }
    const passes = (seconds: number, at = bench) =>
      at.database.query('update workers set started_at = started_at - make_interval(secs => $1)', [seconds])

    test('a camera has one holder, and every new holding a higher epoch', async () => {
      expect((await cameras('a')).map((held) => [held.camera.id, held.version, held.epoch])).toEqual([
        ['cam-000', 1, 1],
        ['cam-001', 1, 1],
      ])
      expect(await cameras('b')).toEqual([])
      await (await bench.worker('a')).plane.release('a', ['cam-001'])
      expect((await cameras('b')).map((held) => [held.camera.id, held.epoch])).toEqual([['cam-001', 2]])
      await (await bench.worker('a')).plane.release('a', 'all')
      expect((await cameras('a')).map((held) => [held.camera.id, held.epoch])).toEqual([['cam-000', 2]])
      const until = (await cameras('a'))[0]?.until ?? 0
      expect(until - Date.now()).toBeGreaterThan(10_000)
    })

    test('eight workers race for two cameras: each camera is held once', async () => {
      const won = await Promise.all(Array.from({ length: 8 }, (_, n) => cameras(`w${n}`, 1)))
      expect(ids(won.flat()).sort()).toEqual(['cam-000', 'cam-001'])
    })

    test('whoever is silent for longer than a lease has lost its cameras', async () => {
      await cameras('a')
      await vanish('a')
      expect((await cameras('b')).map((held) => [held.camera.id, held.epoch])).toEqual([
        ['cam-000', 2],
        ['cam-001', 2],
      ])
      expect((await hold('a', 100, [cameraStatus('cam-000')])).cameras).toEqual([])
      const { rows } = await bench.database.query('select camera, worker from camera_status')
      expect(rows, 'the status of a camera that another holds is not taken').toEqual([])
    })

    test('after a silence of all of them only the last holder renews, for 20 seconds', async () => {
      await cameras('last')
      await vanish('last')
      await bench.database.query("update control_state set seen_at = now() - interval '60 s'")
      expect(await cameras('other')).toEqual([])
      expect((await cameras('last')).map((held) => held.epoch)).toEqual([1, 1])
      await vanish('last')
      expect(await cameras('other')).toEqual([])
      await bench.database.query("update control_state set returned_at = now() - interval '21 s'")
      expect(ids(await cameras('other'))).toEqual(['cam-000', 'cam-001'])
    })

    test('the status, and what a worker says of itself, are kept', async () => {
      const { plane, name } = await bench.worker('a')
      const endpoint = { url: 'http://10.0.0.7:9000', secret: 'a secret of the worker' }
      await plane.hold(facts('a', { endpoint }), 7, [])
      const status = cameraStatus('cam-000', { state: 'stalled', problem: 'no key frame for 10 s\0\ud800' })
      await plane.hold(facts('a', { endpoint }), 7, [status, cameraStatus('cam-999')])
      expect((await bench.database.query('select camera, worker, status from camera_status')).rows).toEqual([
        { camera: 'cam-000', worker: name, status: { ...status, problem: 'no key frame for 10 s\ufffd' } },
      ])
      const { rows } = await bench.database.query(
        'select name, version, model, endpoint_url, endpoint_secret, capacity, cameras from workers',
      )
      expect(rows).toEqual([
        {
          name,
          version: '0.1.0',
          model: 'street-1',
          endpoint_url: endpoint.url,
          endpoint_secret: endpoint.secret,
          capacity: 7,
          cameras: 2,
        },
      ])
    })

    test('a camera that left the configuration is told once more, and not held', async () => {
      await cameras('a')
      await bench.database.query("update config_objects set removed_at = now() where id = 'cam-000'")
      const holding = await hold('a')
      expect(ids(holding.cameras)).toEqual(['cam-001'])
      expect(holding.left).toEqual(['cam-000'])
    })

    test('open events of a camera are those that have not ended', async () => {
      const [open, over] = [hazardEvent(), hazardEvent()]
      for (const event of [open, over]) {
        await bench.database.query(
          `insert into event_state (event_id, epoch, seq, ended, source_id, alert_id, last_message_at, state)
           values ($1, 1, 1, $2, 'cam-000', $1, now(), $3)`,
          [event.id, event === over, event],
        )
      }
      const { plane } = await bench.worker('a')
      expect(await plane.openEvents('cam-000')).toEqual([open])
      expect(await plane.openEvents('no camera of this city')).toEqual([])
    })

    test('open events that a former worker sent late are told to whoever holds the camera now', async () => {
      const [first] = await cameras('a')
      const store = (event: string, epoch: number, ended: boolean, silentS: number) =>
        bench.database.query(
          `insert into event_state (event_id, epoch, seq, ended, source_id, alert_id, last_message_at, state)
           values ($1, $2, 1, $3, 'cam-000', $1, now() - make_interval(secs => $4), '{}')`,
          [event, epoch, ended, silentS],
        )
      const [stray, fresh, over, mine] = [hazardEvent(), hazardEvent(), hazardEvent(), hazardEvent()]
      const epoch = first?.epoch ?? 0
      await store(stray.id, epoch - 1, false, 60)
      await store(fresh.id, epoch - 1, false, 1) // its take-over may still be on its way
      await store(over.id, epoch - 1, true, 60)
      await store(mine.id, epoch, false, 60)
      expect((await hold('a')).strays).toEqual([{ camera: 'cam-000', event: stray.id }])
      expect((await hold('b')).strays).toEqual([])
    })

    test('four workers that start at once share evenly, whoever is first', async () => {
      await configureCameras(patient.database, 50)
      const labels = ['a', 'b', 'c', 'd']
      for (const label of labels) expect(await cameras(label, 100, patient)).toEqual([])
      await passes(60, patient)
      const held = await Promise.all(labels.map((label) => cameras(label, 100, patient)))
      expect(new Set(ids(held.flat())).size).toBe(50)
      expect(held.map((list) => list.length).sort()).toEqual([11, 13, 13, 13])
    })

    test('nobody holds more than it can bear; the others make up for it', async () => {
      await configureCameras(patient.database, 50)
      const workers = [
        ['a', 5],
        ['b', 100],
        ['c', 100],
      ] as const
      for (const [label, capacity] of workers) await cameras(label, capacity, patient)
      await passes(60, patient)
      const held: number[] = []
      for (const [label, capacity] of workers) held.push((await cameras(label, capacity, patient)).length)
      expect(held).toEqual([5, 23, 22])
    })

    test('a worker that starts again has its own cameras at once, with new epochs', async () => {
      await configureCameras(patient.database, 6)
      for (const label of ['a', 'b']) await cameras(label, 100, patient)
      await passes(60, patient)
      const before = await cameras('a', 100, patient)
      await cameras('b', 100, patient)
      await (await patient.worker('a')).plane.release('a', 'all')
      const after = await cameras('a', 100, patient)
      expect(ids(after)).toEqual(ids(before))
      expect(after.every((held) => held.epoch === 2)).toBe(true)
    })

    test('of the cameras that are free a worker takes first those whose recordings it has', async () => {
      await configureCameras(bench.database, 4)
      const before = [await cameras('a', 2), await cameras('b', 2)]
      for (const label of ['a', 'b']) await (await bench.worker(label)).plane.release(label, 'all')
      const after = [await cameras('b', 2), await cameras('a', 2)]
      expect(after.map(ids)).toEqual(before.map(ids).reverse())
    })

    test('to a worker that comes late the others give a few at a time, never one with an open event', async () => {
      await configureCameras(bench.database, 20)
      await cameras('a')
      await bench.database.query(
        `insert into event_state (event_id, epoch, seq, ended, source_id, alert_id, last_message_at, state)
         select gen_random_uuid(), 1, 1, false, 'cam-' || lpad(n::text, 3, '0'), gen_random_uuid(), now(), '{}'
         from generate_series(0, 6) n`,
      )
      expect(await cameras('late')).toEqual([])
      expect(await cameras('a'), 'it may go again at once').toHaveLength(20)
      await passes(30)
      expect(await cameras('a')).toHaveLength(15)
      expect(await cameras('late'), 'who had them lets go first').toEqual([])
      await bench.database.query("update camera_leases set until = now() - interval '1 s' where worker = ''")
      expect(await cameras('late')).toHaveLength(5)
      const moved = ids(await cameras('late'))
      expect(moved.every((id) => id > 'cam-006')).toBe(true)
      for (let n = 0; n < 3; n += 1) {
        await cameras('a')
        await bench.database.query(
          "update camera_leases set until = now() - interval '1 s' where worker = ''",
        )
        await cameras('late')
      }
      expect(ids(await cameras('a'))).toEqual(expect.arrayContaining(['cam-000', 'cam-006']))
      expect([(await cameras('a')).length, (await cameras('late')).length]).toEqual([10, 10])
    })

    describe('a camera of which its holder hears nothing', () => {
      const silent = (trouble = told('camera_stalled'), camera = 'cam-000') =>
        cameraStatus(camera, { state: 'offline', problem: 'no picture', trouble, lastFrameAt: null })
      /** So many minutes ago it was as it is now. */
      const lasts = (minutes: number) =>
        bench.database.query(
          'update coverage set from_at = from_at - make_interval(mins => $1), to_at = to_at - make_interval(mins => $1)',
          [minutes],
        )
      const wentOnEarlier = (minutes: number) =>
        bench.database.query('update camera_leases set handed_at = handed_at - make_interval(mins => $1)', [
          minutes,
        ])
      const letGo = () =>
        bench.database.query("update camera_leases set until = now() - interval '1 s' where worker = ''")
      beforeEach(async () => {
        await configureCameras(bench.database, 4)
        expect(ids(await cameras('a', 2))).toEqual(['cam-000', 'cam-001'])
        expect(ids(await cameras('b', 10))).toEqual(['cam-002', 'cam-003'])
        await passes(60)
      })
      const held = async (label: string, status: readonly CameraStatus[] = []) =>
        ids((await hold(label, label === 'a' ? 2 : 10, status)).cameras)

      test('goes on to another worker after five minutes', async () => {
        const status = silent()
        expect(await held('a', [status])).toEqual(['cam-000', 'cam-001'])
        await lasts(4)
        expect(await held('a', [status])).toEqual(['cam-000', 'cam-001'])
        await lasts(2)
        expect(await held('a', [status])).toEqual(['cam-001'])
        await bench.database.query(
          "update camera_leases set until = now() + interval '60 s' where worker = ''",
        )
        expect(await held('b'), 'who had it lets go first').toEqual(['cam-002', 'cam-003'])
        await letGo()
        for (const label of ['a', 'late']) expect(await held(label), label).not.toContain('cam-000')
        await (await bench.worker('late')).plane.release('late', 'all')
        const moved = (await hold('b', 10)).cameras.find(({ camera }) => camera.id === 'cam-000')
        expect(moved?.epoch).toBe(2)
        await passes(60)
        for (let n = 0; n < 3; n += 1) {
          expect(await held('b', [cameraStatus('cam-000')]), 'it makes no room for who gave').toHaveLength(3)
          await letGo()
          expect(await held('a')).toEqual(['cam-001'])
        }
        await wentOnEarlier(23 * 60)
        expect(await held('b', [cameraStatus('cam-000')])).toHaveLength(3)
        await wentOnEarlier(2 * 60)
        expect(await held('b', [cameraStatus('cam-000')]), 'a day later it does').toHaveLength(2)
        await letGo()
        expect(await held('a'), 'what it did not reach goes last').toEqual(['cam-001', 'cam-002'])
      })

      test('counts no more against who gave it once it left the configuration', async () => {
        await configureCameras(bench.database, 5)
        await held('a')
        await held('b')
        await passes(60)
        await held('a', [silent()])
        await lasts(6)
        await held('a', [silent()])
        await letGo()
        expect(await held('b')).toHaveLength(4)
        await bench.database.query("update config_objects set removed_at = now() where id = 'cam-000'")
        await (await bench.worker('b')).plane.release('b', ['cam-000'])
        expect(await held('b'), 'room is made').toEqual(['cam-003', 'cam-004'])
      })

      test('goes to each of seven workers, and stays with the only one that reaches it', async () => {
        await configureCameras(bench.database, 1)
        const labels = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
        const byName = new Map<unknown, string>()
        for (const label of labels) {
          await cameras(label)
          byName.set(await nameOf(label), label)
        }
        await passes(60)
        const tried = ['a']
        for (const minutes of [6, 11, 21, 31, 31, 31]) {
          const last = tried.at(-1) ?? ''
          await hold(last, 100, [silent()])
          await lasts(minutes)
          await wentOnEarlier(minutes)
          await bench.database.query('update workers set last_seen = now()')
          expect((await hold(last, 100, [silent()])).cameras, `${tried}`).toEqual([])
          await letGo()
          const { rows } = await bench.database.query<{ to: string }>(
            'select offered_to as to from camera_leases',
          )
          const next = byName.get(rows[0]?.to) ?? ''
          expect(ids(await cameras(next)), next).toEqual(['cam-000'])
          tried.push(next)
        }
        expect(tried.toSorted()).toEqual(labels)
        const last = tried.at(-1) ?? ''
        await hold(last, 100, [cameraStatus('cam-000')])
        await lasts(61)
        await wentOnEarlier(61)
        expect(ids((await hold(last, 100, [cameraStatus('cam-000')])).cameras)).toEqual(['cam-000'])
      })

      test('goes on as well when its worker cannot start it, or log in for want of the file', async () => {
        const faults = [silent(told('config_invalid')), silent(told('not_started'), 'cam-001')]
        await held('a', faults)
        await lasts(4)
        expect(await held('a', faults)).toEqual(['cam-000', 'cam-001'])
        await lasts(2)
        await held('a', faults)
        expect(await held('a', faults), 'one with each call').toEqual([])
        await letGo()
        expect(await held('b')).toEqual(['cam-000', 'cam-001', 'cam-002', 'cam-003'])
      })

      test('is offered to nobody who has been offered as many as it has room for', async () => {
        const both = [silent(), silent(told('camera_stalled'), 'cam-001')]
        await held('a', both)
        await hold('b', 3)
        await lasts(6)
        expect(await held('a', both)).toEqual(['cam-001'])
        expect(await held('a', both), 'the other has room for one').toEqual(['cam-001'])
        await letGo()
        expect(ids((await hold('b', 2)).cameras), 'it can bear fewer now').toEqual(['cam-002', 'cam-003'])
        await bench.database.query(
          "update camera_leases set until = now() - interval '21 s' where worker = ''",
        )
        expect(await held('a'), 'anybody’s').toEqual(['cam-000', 'cam-001'])
      })

      test('stays with the last one when all have tried, and goes round again after an hour', async () => {
        const quiet = silent(told('camera_unreachable', { cause: 'no_route' }))
        await held('a', [quiet])
        await lasts(6)
        await held('a', [quiet])
        await letGo()
        expect(await held('b')).toContain('cam-000')
        expect(await held('b', [quiet])).toContain('cam-000')
        await lasts(59)
        expect(await held('b', [quiet])).toContain('cam-000')
        await wentOnEarlier(61)
        expect(await held('b', [quiet])).not.toContain('cam-000')
        await letGo()
        expect(await held('a')).toContain('cam-000')
      })

      test('stays while pictures come, when it has answered, and when nobody has room or the other is gone', async () => {
        const seen = cameraStatus('cam-000')
        await held('a', [seen])
        await held('a', [silent()])
        await lasts(4)
        await held('a', [seen])
        await lasts(4)
        expect(await held('a', [silent()]), 'it was seen between').toContain('cam-000')
        await lasts(60)
        for (const code of ['camera_auth', 'camera_path', 'camera_codec', 'camera_ended'])
          expect(await held('a', [silent(told(code))]), code).toContain('cam-000')
        for (const cause of ['busy', 'protocol'])
          expect(await held('a', [silent(told('camera_unreachable', { cause }))]), cause).toContain('cam-000')
        expect(await held('a', [cameraStatus('cam-000', { state: 'offline' })]), 'older').toContain('cam-000')
        await hold('b', 2)
        expect(await held('a', [silent()]), 'no room').toContain('cam-000')
        await held('b')
        await vanish('b')
        expect(await held('a', [silent()]), 'gone').toContain('cam-000')
      })

      test('is anybody’s when who should have it is gone; a worker that starts anew may have it again', async () => {
        await held('a', [silent()])
        await lasts(6)
        await held('a', [silent()])
        await vanish('b')
        await letGo()
        expect(ids(await cameras('a'))).toEqual(['cam-001', 'cam-002', 'cam-003'])
        await bench.database.query(
          "update camera_leases set until = now() - interval '21 s' where worker = ''",
        )
        expect(ids(await cameras('a'))).toContain('cam-000')
        const notReached = async () =>
          (await bench.database.query("select 1 from camera_leases where not_reached <> '{}'")).rows.length
        expect(await notReached()).toBe(0)
        await bench.database.query('update camera_leases set not_reached = array[$1]', [await nameOf('a')])
        expect(await notReached()).toBe(4)
        await (await bench.worker('a')).plane.release('a', 'all')
        expect(await notReached()).toBe(0)
      })
    })

    test('whatever they do at once, no epoch of a camera is ever given to two workers', async () => {
      await configureCameras(bench.database, 12)
      const owner = new Map<string, string>()
      const act = async (label: string, n: number): Promise<void> => {
        const { plane } = await bench.worker(label)
        if (n % 7 === 3) await plane.release(label, 'all')
        if (n % 5 === 2) await vanish(label)
        for (const held of (await plane.hold(facts(label), 6, [cameraStatus('cam-003')])).cameras) {
          const key = `${held.camera.id} ${held.epoch}`
          expect(owner.get(key) ?? label, key).toBe(label)
          owner.set(key, label)
        }
      }
      const workers = Array.from({ length: 5 }, (_, n) => `w${n}`)
      for (let n = 0; n < 12; n += 1) await Promise.all(workers.map((label, w) => act(label, n + w)))
      expect(owner.size).toBeGreaterThan(24)
    })

    test('a database that is away is said to be away: on no other word a worker keeps its cameras', async () => {
      const plane = await bench.away()
      const away = { code: 'database_unavailable' }
      await expect(plane.hold(facts('a'), 1, [])).rejects.toMatchObject(away)
      await expect(plane.release('a', 'all')).rejects.toMatchObject(away)
      await expect(plane.openEvents('cam-000')).rejects.toMatchObject(away)
    })
  })
}
