import { v7 } from 'uuid'

/** Event ids sort by time (RFC 9562, version 7). */
export const uuidv7 = (): string => v7()
