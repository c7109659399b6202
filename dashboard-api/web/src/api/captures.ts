import type { Capture } from '../../../../core/api/captures.ts'
import { apiUrl, send } from './http.ts'

/** Keeps the newest masked picture of a camera on the server; its ticket names it for 20 hours. */
export const captureStill = (camera: string, purpose: string) =>
  send<Capture>('POST', `/cameras/${encodeURIComponent(camera)}/captures`, { purpose })

export const captureUrl = (ticket: string): string => apiUrl(`/captures/${encodeURIComponent(ticket)}`)

export const attachCapture = (no: string, ticket: string) =>
  send<unknown>('POST', `/cases/${encodeURIComponent(no)}/captures`, { ticket })
