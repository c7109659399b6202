import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { z } from 'zod'

/** What a log-in that has begun remembers until the provider sends the person back. */
const flowSchema = z.object({
  state: z.string().min(20),
  nonce: z.string().min(20),
  verifier: z.string().min(43),
  /** Page of the app to go to. */
  next: z.string(),
  /** Epoch ms. */
  at: z.number(),
})
export type Flow = z.infer<typeof flowSchema>

/** Time to log in at the provider. */
export const FLOW_MS = 10 * 60_000

export interface FlowCookie {
  seal(flow: Flow): string
  /** Null: none, altered, of another site's secret, or older than ten minutes. */
  open(text: string | undefined, now: number): Flow | null
}

/**
 * The flow is kept by the browser that began it, sealed: any API process can take the answer, and strangers who begin
 * log-ins fill no table. AES-256-GCM with a key made of the session secret.
 */
export function createFlowCookie(secret: string): FlowCookie {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'sharp-eyes oidc flow', 32))
  return {
    seal(flow) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, iv)
      const sealed = Buffer.concat([cipher.update(JSON.stringify(flow), 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')
    },
    open(text, now) {
      const bytes = Buffer.from(text ?? '', 'base64url')
      if (bytes.length < 29) return null
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
        decipher.setAuthTag(bytes.subarray(12, 28))
        const plain = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()])
        const flow = flowSchema.parse(JSON.parse(plain.toString('utf8')))
        return now - flow.at < FLOW_MS && flow.at <= now ? flow : null
      } catch {
        return null // altered, or sealed with another secret: as if there were none
      }
    },
  }
}
