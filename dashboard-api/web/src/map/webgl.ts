let known: boolean | null = null

/** Whether this browser draws maps. Asked once: each try takes one of the few contexts that a page may have. */
export function hasWebGl(): boolean {
  if (known !== null) return known
  try {
    const context = document.createElement('canvas').getContext('webgl2')
    known = context !== null
    context?.getExtension('WEBGL_lose_context')?.loseContext()
  } catch {
    known = false
  }
  return known
}
