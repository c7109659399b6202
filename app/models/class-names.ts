/** Words of people matched with the classes of a model. */
export interface MatchedNames {
  /** Classes of the model that are asked for, each once. */
  readonly labels: readonly string[]
  /** Names that the model lacks. */
  readonly leftOut: readonly string[]
  /** The model's class for a name; null: it lacks it. */
  labelOf(name: string): string | null
  /** Names that the model writes otherwise, with its class. */
  readonly otherwise: readonly { readonly name: string; readonly label: string }[]
}

/** `Trash bag`, `trash-bag` and `trash_bag` are one word. */
const fold = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, '_')

/**
 * `names` as the model writes them: letter for letter, else without regard to case, spaces, `_` and `-` where just one class is
 * meant. Blank names ask for nothing.
 */
export function matchNames(names: readonly string[], labels: readonly string[]): MatchedNames {
  const labelOf = (name: string): string | null => {
    if (labels.includes(name)) return name
    const [one, another] = labels.filter((label) => fold(label) === fold(name))
    return one !== undefined && another === undefined ? one : null
  }
  const asked = [...new Set(names.filter((name) => name.trim() !== ''))]
  return {
    labels: [...new Set(asked.flatMap((name) => labelOf(name) ?? []))],
    leftOut: asked.filter((name) => labelOf(name) === null),
    labelOf,
    otherwise: asked.flatMap((name) => {
      const label = labelOf(name)
      return label === null || label === name ? [] : [{ name, label }]
    }),
  }
}
