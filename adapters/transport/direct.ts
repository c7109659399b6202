import type { EventTransport } from '../../core/ports.ts'

/** Spool and inbox in one process: handing over is a call, and it resolves with the inbox's commit. */
export function createDirectTransport(inbox: {
  receive(messages: readonly unknown[]): Promise<void>
}): EventTransport {
  return { send: (messages) => inbox.receive(messages) }
}
