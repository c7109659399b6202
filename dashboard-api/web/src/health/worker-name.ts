/**
 * Names of workers as people say them. A process that does everything is named `machine:folder of its data`: its path is
 * left out where the machine alone tells it apart, and shortened to the folder's name where not.
 */
export function workerNames(names: readonly string[]): ReadonlyMap<string, string> {
  const parts = names.map((name) => {
    const at = name.indexOf(':/')
    return { name, machine: at < 0 ? name : name.slice(0, at), path: at < 0 ? null : name.slice(at + 1) }
  })
  return new Map(
    parts.map(({ name, machine, path }) => {
      const alone = parts.filter((other) => other.machine === machine).length === 1
      if (path === null || alone) return [name, machine]
      const folder = path.split('/').findLast((part) => part !== '') ?? ''
      const alike = parts.filter((other) => other.machine === machine && other.path?.endsWith(`/${folder}`))
      return [name, alike.length === 1 ? `${machine} · ${folder}` : name]
    }),
  )
}
