/** One `key=value` of the command parameters (CP), in the order of the wire. */
export interface Field {
  readonly key: string
  readonly value: string
}

/** What a data segment says. */
export interface Packet {
  /** Number of the request, by the sender's clock: YYYYMMDDhhmmsszzz; null: none (some devices of 2005). */
  readonly qn: string | null
  /** Kind of system; null: none. Unknown ones are taken. */
  readonly st: string | null
  readonly cn: string
  /** A secret of the device: it goes into answers and nowhere else. */
  readonly password: string | null
  readonly mn: string
  /** Version, A and D bits; null: none (2005). */
  readonly flag: number | null
  /** Place of a split packet; null: a whole one, also where the A bit of `flag` promises numbers that are not there. */
  readonly part: { readonly count: number; readonly no: number } | null
  readonly fields: readonly Field[]
  /** What was not as the standard has it and was taken all the same. */
  readonly odd: readonly SegmentOddity[]
}

export type SegmentOddity = 'flag_in_cp' | 'bad_flag' | 'bad_part' | 'field_without_value'
/** Why a segment is no packet: without MN or CN nobody can tell whose it is, and no header field is that long. */
export type SegmentFault = 'no_mn' | 'no_cn' | 'long_header'

/** Far over what any version allows (MN has 24 characters). */
const LONGEST_HEADER_VALUE = 64
const MOST_PARTS = 9_999

/** Reads a data segment of any of the three generations. Never throws. */
export function decodeSegment(text: string): Packet | SegmentFault {
  const cpAt = startOfParameters(text)
  const header: Record<HeaderKey, string | null> = {
    QN: null,
    ST: null,
    CN: null,
    PW: null,
    MN: null,
    FLAG: null,
    PNUM: null,
    PNO: null,
  }
  const headerEnd = cpAt < 0 ? text.length : cpAt
  for (let from = 0; from < headerEnd; ) {
    const to = separator(text, from, headerEnd)
    const equals = text.indexOf('=', from)
    if (equals > from && equals < to) {
      const key = headerKey(text.slice(from, equals).trim())
      const value = text.slice(equals + 1, to).trim()
      if (key !== null && header[key] === null) {
        if (value.length > LONGEST_HEADER_VALUE) return 'long_header'
        header[key] = value
      }
    }
    from = to + 1
  }
  if (!header.MN) return 'no_mn'
  if (!header.CN) return 'no_cn'

  const odd: SegmentOddity[] = []
  const fields: Field[] = []
  if (cpAt >= 0) readParameters(text, cpAt, fields, odd)
  return {
    qn: header.QN || null,
    st: header.ST || null,
    cn: header.CN,
    password: header.PW,
    mn: header.MN,
    flag: readFlag(header.FLAG, fields, odd),
    part: readPart(header.PNUM, header.PNO, odd),
    fields,
    odd: odd.length === 0 ? NOTHING_ODD : odd,
  }
}

const NOTHING_ODD: readonly SegmentOddity[] = []
const SEMICOLON = 0x3b
const COMMA = 0x2c

type HeaderKey = 'QN' | 'ST' | 'CN' | 'PW' | 'MN' | 'FLAG' | 'PNUM' | 'PNO'

function headerKey(key: string): HeaderKey | null {
  switch (key) {
    case 'QN':
    case 'ST':
    case 'CN':
    case 'PW':
    case 'MN':
    case 'PNUM':
    case 'PNO':
      return key
    case 'Flag':
      return 'FLAG'
    default:
      return HEADER_KEYS.find((known) => known === key.toUpperCase()) ?? null
  }
}
const HEADER_KEYS: readonly HeaderKey[] = ['QN', 'ST', 'CN', 'PW', 'MN', 'FLAG', 'PNUM', 'PNO']

/** Where `CP=` begins: at the start or after a semicolon; -1: there is none. */
function startOfParameters(text: string): number {
  if (text.startsWith('CP=')) return 0
  const found = text.indexOf(';CP=')
  return found < 0 ? -1 : found + 1
}

/** Next `;` or `,` from `from` on, `end` when there is none. */
function separator(text: string, from: number, end: number): number {
  for (let place = from; place < end; place += 1) {
    const code = text.charCodeAt(place)
    if (code === SEMICOLON || code === COMMA) return place
  }
  return end
}

/**
 * The standard parts groups by `;` and fields of one factor by `,`. Every field carries its factor's name, so both are
 * taken anywhere: devices mix them.
 */
function readParameters(text: string, cpAt: number, fields: Field[], odd: SegmentOddity[]): void {
  let from = cpAt + 'CP='.length
  if (text.startsWith('&&', from)) from += 2
  const closing = text.lastIndexOf('&&')
  const end = closing >= from ? closing : text.length
  while (from < end) {
    const to = separator(text, from, end)
    const equals = text.indexOf('=', from)
    if (equals > from && equals < to)
      fields.push({ key: text.slice(from, equals).trim(), value: text.slice(equals + 1, to).trim() })
    // An empty place is what a closing `;` leaves.
    else if (to > from) note(odd, 'field_without_value')
    from = to + 1
  }
}

function readFlag(header: string | null, fields: Field[], odd: SegmentOddity[]): number | null {
  let text = header
  if (text === null) {
    const inside = fields.findIndex(({ key }) => key === 'Flag')
    if (inside < 0) return null
    text = fields[inside]?.value ?? null
    fields.splice(inside, 1)
    note(odd, 'flag_in_cp')
  }
  const flag = wholeNumber(text)
  if (flag !== null && flag <= 255) return flag
  note(odd, 'bad_flag')
  return null
}

function readPart(countText: string | null, noText: string | null, odd: SegmentOddity[]): Packet['part'] {
  if (countText === null && noText === null) return null
  const count = wholeNumber(countText)
  const no = wholeNumber(noText)
  if (count !== null && no !== null && count >= 1 && count <= MOST_PARTS && no >= 1 && no <= count)
    return count === 1 ? null : { count, no }
  note(odd, 'bad_part')
  return null
}

const wholeNumber = (text: string | null): number | null =>
  text !== null && /^\d{1,5}$/.test(text) ? Number(text) : null

function note(odd: SegmentOddity[], what: SegmentOddity): void {
  if (!odd.includes(what)) odd.push(what)
}
