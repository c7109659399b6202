/** Bytes as people read them, with one digit: `12.3 MB` (mebibytes, as browsers say them). */
export const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`
