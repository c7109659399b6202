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
