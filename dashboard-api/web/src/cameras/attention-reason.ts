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
  {
    pattern: /^(\d+) persons in the zone, limit (\d+)$/,
    words: 'attention.why.persons',
    values: ['count', 'limit'],
  },
  { pattern: /^(\d+) without a mask$/, words: 'attention.why.noMask', values: ['count'] },
  { pattern: /^([\d.]+) % of the zone moves$/, words: 'attention.why.moves', values: ['share'] },
  {
    pattern: /^too dark to judge: the sky is at (\d+) of 255$/,
    words: 'attention.why.tooDark',
    values: ['brightness'],
  },
  {
    pattern: /^the picture is dark \((\d+) of 255\), detail in ([\d.]+) % of the picture$/,
    words: 'attention.why.darkPicture',
    values: ['brightness', 'share'],
  },
  {
    pattern: /^the picture is blank, detail in ([\d.]+) % of the picture$/,
    words: 'attention.why.blank',
    values: ['share'],
  },
]

/** Labels of models that have a word; another one is shown as the model has it. */
const LABELS = [
  ...['fire', 'smoke', 'litter', 'person', 'car', 'bus', 'truck', 'motorcycle', 'bicycle'],
  ...['vehicle', 'trash_bag', 'garbage_bin'],
]

/** What a model calls a thing, in the reader's language. */
export const labelText = (label: string, t: Translate): string =>
  LABELS.includes(label) ? t(`attention.label.${label}`, {}) : label

/** In the reader's language where the reason is known; else as the worker wrote it. */
export function attentionReason(reason: string, t: Translate): string {
  const before = /^a moment ago: (.+)$/.exec(reason)
  if (before?.[1]) return t('attention.why.momentAgo', { reason: attentionReason(before[1], t) })
  for (const { pattern, words, values } of PATTERNS) {
    const match = pattern.exec(reason)
    if (match)
      return t(words, Object.fromEntries(values.map((name, index) => [name, match[index + 1] ?? ''])))
  }
  const burning = /^([\w -]+) at ([\d.]+) in (\d+) % of the pictures$/.exec(reason)
  if (burning)
    return t('attention.why.found', {
      label: labelText(burning[1] ?? '', t),
      ...{ score: burning[2] ?? '', share: burning[3] ?? '' },
    })
  const standing = /^(?!something new)([\w -]+) stands for (\d+) s$/.exec(reason)
  if (standing)
    return t('attention.why.standing', { label: labelText(standing[1] ?? '', t), seconds: standing[2] ?? '' })
  const suspected = /^([\w.-]+): (.+)$/.exec(reason)
  if (suspected?.[1] && suspected[2])
    return t('attention.why.rule', { rule: suspected[1], reason: attentionReason(suspected[2], t) })
  return reason
}
