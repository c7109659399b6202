/** Waits for a fact, looking at it every few milliseconds; fails naming the fact when it does not come true. */
export async function waitUntil(fact: string, isTrue: () => boolean, withinMs = 30_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`it did not come true within ${withinMs} ms: ${fact}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
