import { type Actor, hasRole } from '../../core/actor.ts'
import type { ConfigBody, ConfigKind } from '../../core/config/objects.ts'

/** What a reader may see of an object: the address of a webhook may carry a key, which is the admin's business alone. */
export function visible(kind: ConfigKind, body: ConfigBody, actor: Actor): ConfigBody {
  if (kind !== 'department' || hasRole(actor, 'admin') || !Array.isArray(body.channels)) return body
  return { ...body, channels: (body.channels as readonly ConfigBody[]).map(hideAddress) }
}

function hideAddress(channel: ConfigBody): ConfigBody {
  if (typeof channel.url !== 'string') return channel
  return { ...channel, url: URL.canParse(channel.url) ? `${new URL(channel.url).origin}/…` : '…' }
}
