type Translate = (key: string, values: Record<string, string>) => string

/** What workers write as the reason of a level of attention, and the words of the dictionary for it. */
const PATTERNS: readonly {
  readonly pattern: RegExp
  readonly words: string
  readonly values: readonly string[]
}[] = [
  { pattern: /^zone (.+): something changed$/, words: 'attention.why.zoneChanged', values: ['zone'] },
  { pattern: /^the picture: something changed$/, words: 'attention.why.pictureChanged', values: [] },
  { pattern: /^nothing (?:changes in any zone|asks for more)$/, words: 'attention.why.quiet', values: [] },
  {
    pattern: /^key frames are more than ([\d.]+) s apart$/,
    words: 'attention.why.longGop',
    values: ['seconds'],
  },
  { pattern: /^key frames do not decode on their own/, words: 'attention.why.openGop', values: [] },
  { pattern: /^the first picture$/, words: 'attention.why.first', values: [] },
  { pattern: /^the sky is being learned$/, words: 'attention.why.sky', values: [] },
  { pattern: /^the background is being learned$/, words: 'attention.why.ground', values: [] },
  {
    pattern: /^Ringelmann ([\d.]+) over ([\d.]+) % of the sky$/,
    words: 'attention.why.dark',
    values: ['darkness', 'share'],
  },
  {
    pattern: /^something new stands for (\d+) s$/,
    words: 'attention.why.stands',
    values: ['seconds'],
  },
  { pattern: /^the same picture for (\d+) s$/, words: 'attention.why.same', values: ['seconds'] },
]

/** In the reader's language where the reason is known; else as the worker wrote it. */
export function attentionReason(reason: string, t: Translate): string {
  const before = /^a moment ago: (.+)$/.exec(reason)
  if (before?.[1]) return t('attention.why.momentAgo', { reason: attentionReason(before[1], t) })
  for (const { pattern, words, values } of PATTERNS) {
    const match = pattern.exec(reason)
    if (match)
      return t(words, Object.fromEntries(values.map((name, index) => [name, match[index + 1] ?? ''])))
  }
  const suspected = /^([\w.-]+): (.+)$/.exec(reason)
  if (suspected?.[1] && suspected[2])
    return t('attention.why.rule', { rule: suspected[1], reason: attentionReason(suspected[2], t) })
  return reason
}
