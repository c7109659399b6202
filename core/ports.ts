import type { Actor } from './actor.ts'
import type { PhotoFacts } from './api/field.ts'
import type { CaseCommand, FileCase, RawInput } from './case/command.ts'
import type { Remark } from './case/remark.ts'
import type { CaseState } from './case/words.ts'
import type { CameraConfig, CityConfig } from './config/city.ts'
import type { SensorConfig } from './config/sensor.ts'
import type { HazardEvent, HazardMessage } from './event.ts'
import type { Attention, Detection, Frame, ModelIdentity } from './frame.ts'
import type { Box } from './geometry.ts'
import type { ReadingsMessage } from './reading.ts'
import type { InboundMessage, Topic } from './topics.ts'
import type { EpochMs, Sha256 } from './units.ts'

/** Time comes in as an argument, so that dwell, deadlines and backoff are tested without waiting. */
export interface Clock {
  now(): EpochMs
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** Structured log. Never a secret, a credential or personal data in `fields`. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(fields: object): Log
}

/** Counters, gauges and histograms of the running process; names without the prefix `sharp_eyes_`. */
export interface Metrics {
  count(name: string, labels?: Record<string, string>, by?: number): void
  gauge(name: string, labels: Record<string, string>, value: number): void
  observe(name: string, labels: Record<string, string>, value: number): void
}

/** Facts of a span; keys as in the log: `event`, `alert`, `case`, `camera`. Never a secret or a person. */
export type SpanFacts = Readonly<Record<string, string | number | boolean>>

/** Where a span belongs: W3C `traceparent` texts. A text that is none is passed over. */
export interface SpanPlace {
  readonly parent?: string | null
  /** Of work for many at once; asked only while traces are on. */
  readonly links?: () => readonly string[]
  readonly facts?: SpanFacts
}

/** Traces of what happens to events. With traces off nothing of it costs anything. */
export interface Tracer {
  /** `traceparent` of everything about an event: its id is the trace's id. Null: traces are off. */
  context(eventId: string): string | null
  /** Runs the work in a span; its failure is the span's, and is thrown on. */
  span<T>(name: string, place: SpanPlace, work: () => Promise<T>): Promise<T>
  /** A span that is over: of waiting, or of what began in another process. `root`: it is the first of its event. */
  record(name: string, place: SpanPlace & { readonly root?: boolean }, from: EpochMs, to: EpochMs): void
}

// ---- database ----

export interface Queryable {
  query<R = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<{ rows: R[]; rowCount: number }>
}

/** PostgreSQL. `transaction` commits when `work` resolves and rolls back when it throws. `bigint` comes as text. */
export interface Database extends Queryable {
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>
  /** Calls `onNotify` for each NOTIFY on `channel` (also once after each reconnect: something may have been missed). */
  listen(channel: string, onNotify: () => void): Promise<AsyncDisposable>
}

// ---- cameras and workers ----

export interface HeldCamera {
  readonly camera: CameraConfig
  /** Version of the camera's configuration. */
  readonly version: number
  /** Epoch of the lease; in every event of this holding. */
  readonly epoch: number
  readonly until: EpochMs
}

/** Who asks for cameras. */
export interface WorkerFacts {
  /** Of one process and its spool; the same after a restart. */
  readonly name: string
  readonly version: string
  /** Id of the model that it analyses with; null: none. */
  readonly model: string | null
  /** Where it shows its live pictures to the pages' server, and the secret to ask with; null: the same process. */
  readonly endpoint: { readonly url: string; readonly secret: string } | null
}

export interface Holding {
  /** What every worker has to know of the city. */
  readonly city: Pick<CityConfig['city'], 'timezone'>
  /** Every configured sensor: which worker takes its readings is the broker's or the device's choice. */
  readonly sensors: readonly SensorConfig[]
  readonly cameras: readonly HeldCamera[]
  /** Cameras that were held here and left the configuration: their events end. What is in neither list is another's now. */
  readonly left: readonly string[]
  /**
   * Open events of held cameras that no later holder has taken over: a former worker was away with them in its spool and
   * sent them after the camera had gone on. Whoever holds the camera now takes them over, or they would never end.
   */
  readonly strays: readonly { readonly camera: string; readonly event: string }[]
}

export const CAMERA_STATES = ['connecting', 'online', 'stalled', 'offline'] as const

/** What a worker knows of a camera it holds. */
export interface CameraStatus {
  readonly camera: string
  readonly state: (typeof CAMERA_STATES)[number]
  readonly since: EpochMs
  readonly attention: Attention | null
  /** Why it is not online, in plain words without secrets. */
  readonly problem: string | null
  readonly codec: string | null
  readonly width: number | null
  readonly height: number | null
  readonly lastFrameAt: EpochMs | null
  /** Types of its rules that are not watched, and why. */
  readonly unavailable: readonly { type: string; reason: string }[]
}

/** A worker's only way to the city's configuration and to its cameras: it holds no database credentials. */
export interface ControlPlane {
  /** Claims free cameras up to `capacity`, renews those held, stores their status, and answers everything held now. */
  hold(worker: WorkerFacts, capacity: number, status: readonly CameraStatus[]): Promise<Holding>
  /** Ends leases at once; `all` at a process's start, so that its next holding has a new epoch. */
  release(worker: string, cameras: readonly string[] | 'all'): Promise<void>
  /** Events of a camera that are open in the database: a worker that takes the camera over adopts them. */
  openEvents(camera: string): Promise<readonly HazardEvent[]>
}

// ---- events ----

/** Hands messages on; resolves when they are durable at the other side. Messages of one key stay in order. */
export interface EventTransport {
  send(messages: readonly InboundMessage[]): Promise<void>
}

/** The worker's own disk: `append` resolves after the commit, and from then on the event exists (invariant 1). */
export interface EventSink {
  append(message: HazardMessage): Promise<void>
}

/** As `EventSink`, for readings: the device is answered after it resolves. Rejects when the spool is full. */
export interface ReadingSink {
  append(messages: readonly ReadingsMessage[]): Promise<void>
}

/** A message that can never be applied: it is in `dead_letters` with its bytes. */
export interface RefusedMessage {
  /** Its place in the batch. */
  readonly index: number
  readonly error: string
}

/** The far end of a transport. Resolves when each message is committed or refused; rejects when the database is away. */
export interface MessageReceiver {
  /** Parsed messages, or the bytes of a record. */
  receive(messages: readonly unknown[]): Promise<readonly RefusedMessage[]>
}

export interface BusRecord {
  readonly key: string
  readonly value: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

/** Writes to topics of the bus; resolves with the broker's acknowledgement (`acks=all`). */
export interface BusProducer {
  produce(topic: Topic | `${Topic}.dlq`, records: readonly BusRecord[]): Promise<void>
}

// ---- models ----

export interface Detector {
  readonly model: ModelIdentity
  readonly labels: readonly string[]
  /** Lowest scores that count as found, by label, where its manifest names them. */
  readonly operatingPoints?: Readonly<Record<string, number>> | undefined
  /** Classes of the model that the site does not use, with the reason; `labels` and what is found are without them. */
  readonly unused?: Readonly<Record<string, string>> | undefined
  /** Things in the picture, best first. Throws when the model fails: never an empty answer instead. `null`: the frame
   * was dropped for a newer one of the same camera (counted). */
  detect(frame: Frame): Promise<readonly Detection[] | null>
  /** Frames wait for it: what can be left out is left out. */
  busy?(): boolean
}

// ---- evidence ----

/** Pictures out of the worker's ring. */
export interface EvidenceSource {
  /** Full-resolution RGB of the picture nearest to `at`, and its own time; null when the ring does not hold it. */
  still(camera: string, at: EpochMs): Promise<FullPicture | null>
  /**
   * Hard-links the ring files from `from` on (to `to`, where its end is known) until `unpin`, so that shedding cannot take
   * an open event's pre-roll.
   */
  pin(pinId: string, camera: string, from: EpochMs, to?: EpochMs): Promise<void>
  unpin(pinId: string): Promise<void>
  /** Everything pinned now, also by an earlier process. */
  pinned(): Promise<readonly string[]>
  /** Cuts [from, to] as one MP4 (stream copy, no re-encode) into `path`; null when the ring does not hold it. */
  clip(request: {
    camera: string
    pinId: string
    from: EpochMs
    to: EpochMs
    path: string
    /** What the clip must show, should the camera have reconnected in [from, to]: a clip never spans two connections. */
    moment?: EpochMs
  }): Promise<CutClip | null>
}

export interface FullPicture {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
  readonly capturedAt: EpochMs
}

export interface CutClip {
  readonly from: EpochMs
  readonly to: EpochMs
  readonly codec: string
  readonly width: number
  readonly height: number
}

/** Content-addressed bytes: written, fsynced and renamed before `put` resolves (invariant 7). What a worker needs. */
export interface EvidenceSink {
  put(content: Uint8Array | { readonly path: string }): Promise<{ sha256: Sha256; bytes: number }>
}

export interface EvidenceStore extends EvidenceSink {
  /** A local path to read; null when the bytes are gone. */
  locate(sha256: Sha256): Promise<string | null>
  remove(sha256: Sha256): Promise<void>
}

/** A picture or film out of a camera's ring that an alert or a kept recording waits for. The worker whose ring has it makes it. */
export interface PictureTask {
  readonly id: string
  readonly kind: 'still' | 'clip'
  /** Null: it is of a kept recording. */
  readonly alertId: string | null
  readonly camera: CameraConfig
  /** Whose pinned ring files it comes from; null: nothing was pinned for it. */
  readonly pinId: string | null
  /** [from, to] of a clip; both are the moment of a still. */
  readonly from: EpochMs
  readonly to: EpochMs
  /** What it must show. */
  readonly moment: EpochMs
  /** Of the hazard, as fractions; null: the whole picture. */
  readonly box: Box | null
  /** Counts from 1. */
  readonly attempt: number
}

/** What a task gave: bytes that are in the evidence store already. */
export interface MadePicture {
  readonly variant: 'masked' | 'original'
  readonly sha256: Sha256
  readonly bytes: number
  readonly mediaType: string
  readonly capturedAt: EpochMs
  readonly meta: Readonly<Record<string, unknown>>
}

/** Pictures that wait to be made. Everything said here is plain data: it goes over HTTP as it is. */
export interface PictureWork {
  /**
   * The next task for a ring of `worker`; it is his for some minutes. Null: none is due. A worker makes one at a time:
   * whoever asks again has given up the one before.
   */
  next(worker: string): Promise<PictureTask | null>
  /** Of a task that is no longer his it changes nothing. */
  done(worker: string, task: string, made: readonly MadePicture[]): Promise<void>
  /** `final`: this worker can never make it (its ring no longer holds it). */
  failed(worker: string, task: string, error: string, final: boolean): Promise<void>
  /** Those of `pins` (at most 1000) that no picture waits for: made, given up, or of an event that needs none. */
  unneeded(worker: string, pins: readonly string[]): Promise<readonly string[]>
}

/** Pixelates stored pictures as the camera's `masking` says. Fails closed: when in doubt the whole frame. */
export interface Masker {
  still(
    picture: FullPicture,
    camera: CameraConfig,
    hazard: { box: Box | null; detections: readonly Detection[] },
  ): Promise<{ jpeg: Uint8Array; method: string }>
  /** Writes a masked H.264 MP4. */
  clip(request: {
    source: string
    target: string
    camera: CameraConfig
    hazard: { box: Box | null }
    signal: AbortSignal
  }): Promise<{ method: string }>
}

// ---- alerts and cases (implemented in alerts/) ----

export interface AlertCommands {
  acknowledge(alertId: string, actor: Actor): Promise<void>
  verdict(
    alertId: string,
    input: { verdict: 'confirmed' | 'rejected'; reason?: string | undefined; note?: string | undefined },
    actor: Actor,
  ): Promise<void>
  /** Within `UNDO_MS`, by the one who gave it: nothing about it leaves. */
  undoVerdict(alertId: string, actor: Actor): Promise<void>
  /** Later, with a reason: what was sent about it is corrected. */
  withdrawVerdict(alertId: string, input: { reason?: string | undefined }, actor: Actor): Promise<void>
  /** Out of "to verify" until then, for at most `MAX_MUTE_MS`. */
  mute(alertId: string, input: { until: EpochMs; reason?: string | undefined }, actor: Actor): Promise<void>
  unmute(alertId: string, actor: Actor): Promise<void>
}

export interface CaseResult {
  readonly no: string
  readonly state: CaseState
  readonly version: number
}

/** A call that may come again: with one key of one person the effect happens once (`Idempotency-Key`). */
export interface Once {
  readonly key: string
  /** SHA-256 of what is asked: another request under the same key is refused. */
  readonly request: Sha256
}

/** An uploaded picture; its bytes are in the evidence store already. */
export interface NewAttachment {
  readonly sha256: Sha256
  readonly bytes: number
  readonly mediaType: string
  readonly name: string
  readonly capturedAt: EpochMs | null
  /** Before or after the work 处置前 / 处置后; null or absent: not said. */
  readonly phase?: PhotoFacts['phase']
  /** Where the camera says it was taken, degrees WGS-84. */
  readonly place?: PhotoFacts['place']
}

export interface AttachResult {
  readonly id: string
  readonly sha256: Sha256
}

/**
 * The only writer of case tables: called by people's routes and by timers. Routes hand the body over as it came
 * (`RawInput`): content is checked here, after rights and version.
 */
export interface CaseCommands {
  file(input: FileCase | RawInput, actor: Actor): Promise<CaseResult>
  /** With `once` of an earlier call: its answer, and no second effect. Throws `key_reused`. */
  execute(no: string, command: CaseCommand | RawInput, actor: Actor, once?: Once): Promise<CaseResult>
  /** Adds an uploaded picture. */
  attach(no: string, attachment: NewAttachment, actor: Actor, once?: Once): Promise<AttachResult>
  /** Adds a remark to the log; moves nothing. */
  remark(no: string, remark: Remark | RawInput, actor: Actor, once?: Once): Promise<CaseResult>
  /** What an attaching call with this key was answered; null: none was accepted. Throws `key_reused`. */
  attached(once: Once, actor: Actor): Promise<AttachResult | null>
}

/** One delivery of one message. `retryable` and `retryAfterMs` are the channel's word on what to do next. */
export type DeliveryOutcome =
  | { readonly kind: 'delivered'; readonly code: string }
  | {
      readonly kind: 'failed'
      readonly retryable: boolean
      readonly code: string
      readonly error: string
      readonly retryAfterMs?: number
    }

export interface Channel {
  readonly kind: string
  deliver(
    message: { id: string; payload: unknown; target: unknown },
    signal: AbortSignal,
  ): Promise<DeliveryOutcome>
}

// ---- child processes ----

/** Runs ffmpeg and ffprobe as an unprivileged user; stderr lines are redacted before anybody sees them. */
export interface MediaTools {
  spawn(tool: 'ffmpeg' | 'ffprobe', args: readonly string[], options?: MediaSpawnOptions): MediaProcess
}

export interface MediaSpawnOptions {
  /** Open file descriptors handed over; the child reads them as /proc/self/fd/3, 4 … in this order. */
  readonly fds?: readonly number[]
  /** Texts that must never appear in a log (passwords): redacted from stderr. */
  readonly secrets?: readonly string[]
  readonly stdin?: 'pipe' | 'ignore'
  /** 0..19: how far the child steps back behind this process. */
  readonly niceness?: number
}

export interface MediaProcess {
  readonly pid: number | undefined
  readonly stdin: import('node:stream').Writable | null
  readonly stdout: import('node:stream').Readable
  /** Each redacted line of stderr. */
  onStderr(listener: (line: string) => void): void
  /** The last redacted lines of stderr, for a message. */
  lastLines(): readonly string[]
  readonly exited: Promise<{ code: number | null; signal: string | null }>
  /** SIGTERM, then SIGKILL after the grace (a blocked ffmpeg ignores SIGTERM). Resolves when it is gone. */
  stop(graceMs?: number): Promise<void>
}

// ---- live view ----

export type { LiveFormat, LiveSeat, LiveSource, LiveViewer, Mpeg1Process, StartMpeg1 } from './live.ts'
export type { LiveBoxes } from './live-boxes.ts'

// ---- recordings ----

/** A stretch of one connection: one init segment, media time without a jump. Capture times of its first and last frame. */
export interface RecordedStretch {
  readonly connection: EpochMs
  readonly from: EpochMs
  readonly to: EpochMs
}

export interface RecordedRanges {
  /** Oldest first. */
  readonly stretches: readonly RecordedStretch[]
  /** Workers that held the camera in the span and cannot be asked now: their disks may have more. */
  readonly away: readonly string[]
}

export interface RecordedFragment {
  readonly bytes: Uint8Array
  readonly key: boolean
  readonly capturedAt: EpochMs
  /** Presentation time in the connection's media time, ms. */
  readonly mediaMs: number
}

/** Some seconds of a recording, as they came from the camera. */
export interface RecordingPart {
  /** For `MediaSource.isTypeSupported`, for example `video/mp4; codecs="avc1.64001f"`. */
  readonly mime: string
  readonly width: number
  readonly height: number
  /** Parts that share it share `init` and one run of media time. */
  readonly connection: EpochMs
  readonly init: Uint8Array
  /** In coding order; the first one is a key frame. */
  readonly fragments: readonly RecordedFragment[]
  /** Where the next part of the same connection begins; null: its recording ends here, or is still being written. */
  readonly next: EpochMs | null
}

/** What workers' disks hold of cameras. `picture` is masked as the camera's configuration says, at most `width` wide. */
export interface RecordingSource {
  /** What touches [from, to). */
  ranges(camera: string, from: EpochMs, to: EpochMs): Promise<RecordedRanges>
  /** From the key frame at or before `at`, about `lengthMs` long; null when nothing is recorded at `at`. */
  read(camera: string, at: EpochMs, lengthMs: number): Promise<RecordingPart | null>
  /** The key frame nearest before `at`; null when none is within some seconds. */
  picture(
    camera: CameraConfig,
    at: EpochMs,
    width: number,
  ): Promise<{ readonly jpeg: Uint8Array; readonly capturedAt: EpochMs } | null>
}
