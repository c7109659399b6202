/**
 * `{{n}} {{n, plural(one: fault; other: faults)}}`: the English word that stands beside a number. Chinese needs none, so the
 * pages name a number as any other value. No brackets and commas in the two forms.
 */
export const plural = (
  value: unknown,
  _language: string | undefined,
  forms: Readonly<Record<string, unknown>>,
): string => String(Number(value) === 1 ? forms.one : forms.other)
