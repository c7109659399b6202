/**
 * How the program's Node is started. The two memory flags let V8 count video outside its heap against a limit that
 * grows with it; as shipped it collects the whole heap several times a second for buffers that are gone at once
 * (docs/decisions/0004-memory-flags.md).
 */
export const NODE_FLAGS = [
  '--disable-warning=ExperimentalWarning',
  '--external-memory-accounted-in-global-limit',
  '--initial-old-space-size=200',
]
