import { z } from 'zod'
import { type Told, toldShape } from './told.ts'

/** Why a camera has its level of attention, as logs and API callers read it; `{name}` is a fact. */
export const ATTENTION_REASONS = {
  zone_changed: 'zone {zone}: something changed',
  picture_changed: 'the picture: something changed',
  quiet: 'nothing changes in any zone',
  unasked: 'nothing asks for more',
  long_gop: 'key frames are more than {seconds} s apart',
  open_gop: 'key frames do not decode on their own (open GOP)',
  first: 'the first picture',
  sky: 'the sky is being learned',
  ground: 'the background is being learned',
  dark: 'Ringelmann {darkness} over {share} % of the sky',
  stands: 'something new stands for {seconds} s',
  standing: '{label} stands for {seconds} s',
  same: 'the same picture for {seconds} s',
  persons: '{count} persons in the zone, limit {limit}',
  no_mask: '{count} without a mask',
  moves: '{share} % of the zone moves',
  found: '{label} at {score} in {share} % of the pictures',
  dark_picture: 'the picture is dark ({brightness} of 255), detail in {share} % of the picture',
  blank: 'the picture is blank, detail in {share} % of the picture',
} as const
type ReasonCode = keyof typeof ATTENTION_REASONS

/** What speaks for a look, in English and as pages say it. */
export interface Because {
  readonly reason: string
  readonly why: Told
}

export const because = (code: ReasonCode, facts: Told['facts'] = {}): Because => ({
  reason: ATTENTION_REASONS[code].replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? '?')),
  why: { code, facts },
})

/** `rule`: the id of the rule that asks; null: no rule does. `past`: it was so, and attention outlasts it for a while. */
export const attentionWhyShape = toldShape.extend({
  rule: z.string().max(64).nullable(),
  past: z.boolean(),
})
export type AttentionWhy = z.infer<typeof attentionWhyShape>

const unasked = because('unasked')
/** Before anybody asked. */
export const UNASKED: Because & { readonly why: AttentionWhy } = {
  reason: unasked.reason,
  why: { ...unasked.why, rule: null, past: false },
}
