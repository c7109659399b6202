const NAMES: Readonly<Record<string, string>> = { avc1: 'H.264', avc3: 'H.264', hvc1: 'H.265', hev1: 'H.265' }

/** The name people know a codec by, of its RFC 6381 name (`avc1.64001f`). One without such a name stays as it is. */
export const codecName = (codec: string): string => NAMES[codec.split('.')[0] ?? ''] ?? codec
