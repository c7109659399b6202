/** A node of an ONNX graph, by the names of its tensors. */
export interface GraphNode {
  readonly operator: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

/** They change where values are, and no value. */
const MOVES = new Set([
  ...['Identity', 'Transpose', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Slice', 'Split', 'Gather'],
])

/**
 * Of each output whose every value leaves an int8 tensor, directly or moved about and joined: the steps of those
 * tensors, each once. Whatever computes with the values (a sigmoid, a product) hides their steps: that output is absent.
 * `scalars`: the initialisers of one number, among them the scales.
 */
export function outputSteps(
  nodes: readonly GraphNode[],
  outputs: ReadonlySet<string>,
  scalars: ReadonlyMap<string, number>,
): Readonly<Record<string, readonly number[]>> {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)))
  const known = new Map<string, ReadonlySet<number> | null>()

  function stepsOf(name: string): ReadonlySet<number> | null {
    const before = known.get(name)
    if (before !== undefined) return before
    known.set(name, null) // a graph that runs in a circle is refused by the runtime
    const steps = read(makers.get(name))
    known.set(name, steps)
    return steps
  }
  function read(node: GraphNode | undefined): ReadonlySet<number> | null {
    if (node?.operator === 'DequantizeLinear') {
      const step = scalars.get(node.inputs[1] ?? '')
      return step === undefined ? null : new Set([step])
    }
    if (node?.operator !== 'Concat') return node && MOVES.has(node.operator) ? first(node) : null
    const joined = node.inputs.map(stepsOf)
    return joined.includes(null) ? null : new Set(joined.flatMap((steps) => [...(steps ?? [])]))
  }
  const first = ({ inputs }: GraphNode) => stepsOf(inputs[0] ?? '')

  const found: Record<string, readonly number[]> = {}
  for (const name of outputs) {
    const steps = stepsOf(name)
    if (steps !== null) found[name] = [...steps]
  }
  return found
}
