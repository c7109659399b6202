import { type ErrorCode, SharpEyesError } from '../../core/errors.ts'
import { detailsOf, refusalOf } from '../../core/refusal.ts'
import type { Told } from '../../core/told.ts'

/** An error, flat: classes do not survive the way between threads. */
export interface Fault {
  readonly code: ErrorCode
  readonly message: string
  /** What pages say of it; null: the message alone. */
  readonly why: Told | null
}

export const faultOf = ({ code, message, details }: SharpEyesError): Fault => ({
  ...{ code, message, why: refusalOf(details) },
})

export const toError = ({ code, message, why }: Fault): SharpEyesError =>
  new SharpEyesError(code, message, { details: detailsOf(why) })
