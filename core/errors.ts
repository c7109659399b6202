/**
 * Every failure that a person or a caller has to tell apart, in one table: code → HTTP status and whether trying
 * again can help. Callers branch on `code`, never on text. Messages name the key, the value, the rule and the way out.
 */
export const ERROR_TABLE = {
  bad_request: { status: 400, retryable: false },
  not_logged_in: { status: 401, retryable: false },
  wrong_password: { status: 401, retryable: false },
  password_change_required: { status: 403, retryable: false },
  forbidden: { status: 403, retryable: false },
  approval_required: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  clip_pending: { status: 202, retryable: true },
  expired: { status: 410, retryable: false },
  version_conflict: { status: 409, retryable: false },
  state_conflict: { status: 409, retryable: false },
  invalid: { status: 422, retryable: false },
  key_reused: { status: 422, retryable: false },
  misdirected: { status: 404, retryable: true },
  too_large: { status: 413, retryable: false },
  too_many_requests: { status: 429, retryable: true },
  not_ready: { status: 503, retryable: true },
  no_worker: { status: 503, retryable: true },
  internal: { status: 500, retryable: false },

  config_invalid: { status: 422, retryable: false },
  credentials_refused: { status: 422, retryable: false },
  model_invalid: { status: 422, retryable: false },
  model_failed: { status: 500, retryable: true },
  source_invalid: { status: 422, retryable: false },
  camera_auth: { status: 502, retryable: true },
  camera_path: { status: 502, retryable: true },
  camera_unreachable: { status: 502, retryable: true },
  camera_stalled: { status: 502, retryable: true },
  camera_codec: { status: 502, retryable: false },
  camera_ended: { status: 502, retryable: true },
  disk_full: { status: 507, retryable: true },
  spool_full: { status: 507, retryable: true },
  port_taken: { status: 500, retryable: false },
  database_unavailable: { status: 503, retryable: true },
  transport_unavailable: { status: 503, retryable: true },
  channel_failed: { status: 502, retryable: true },
  dependency_missing: { status: 500, retryable: false },
} as const satisfies Record<string, { status: number; retryable: boolean }>

export type ErrorCode = keyof typeof ERROR_TABLE

/** One failure with a stable code. `details` are facts for the caller (for example the current state of a case). */
export class SharpEyesError extends Error {
  override readonly name = 'SharpEyesError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }

  get status(): number {
    return ERROR_TABLE[this.code].status
  }

  get retryable(): boolean {
    return ERROR_TABLE[this.code].retryable
  }
}

/** Total: whatever was thrown becomes a SharpEyesError; an unknown failure is `internal` and not retryable. */
export function toSharpEyesError(thrown: unknown): SharpEyesError {
  if (thrown instanceof SharpEyesError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new SharpEyesError('internal', message, { cause: thrown })
}

/** For the `default` of an exhaustive switch: a forgotten member does not compile. */
export function unreachable(value: never): never {
  throw new SharpEyesError('internal', `unexpected value: ${JSON.stringify(value)}`)
}
