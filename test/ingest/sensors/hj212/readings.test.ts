import { expect, test } from 'vitest'
import { readingSchema } from '../../../../core/reading.ts'
import { createCityTime } from '../../../../ingest/sensors/hj212/city-time.ts'
import { CODES_2005_TO_2017 } from '../../../../ingest/sensors/hj212/codes.ts'
import { dataTimeOf } from '../../../../ingest/sensors/hj212/packets.ts'
import { readReadings } from '../../../../ingest/sensors/hj212/readings.ts'
import { decodeSegment } from '../../../../ingest/sensors/hj212/segment.ts'
import { segmentOf } from './vectors.ts'

const shanghai = createCityTime('Asia/Shanghai')
const at = (text: string) => Date.parse(`${text}+08:00`)

function read(segment: string) {
  const packet = decodeSegment(segment)
  if (typeof packet === 'string') throw new Error(packet)
  return readReadings({ packet, dataTime: dataTimeOf(packet) }, shanghai)
}
const cp = (cn: string, parameters: string) =>
  read(`QN=20260101080000000;ST=22;CN=${cn};MN=A;Flag=9;CP=&&DataTime=20260101080000;${parameters}&&`)
const short = (result: ReturnType<typeof read>) =>
  result?.readings.map(
    ({ factor, statistic, value, flag }) =>
      `${factor} ${statistic} ${value}${flag === null ? '' : ` ${flag}`}`,
  )

test('2005: codes stay as they were sent', () => {
  const common = { period: 'instant', statistic: 'value', at: at('2016-01-03T13:30:30'), flag: 'N' }
  expect(read(segmentOf('of2005'))).toEqual({
    readings: [
      { factor: '060', value: 3.0943, ...common },
      { factor: '011', value: 18.0412, ...common },
      { factor: '001', value: 8.2137, ...common },
      { factor: 'B01', value: 10.989, ...common },
    ],
    ignored: 0,
    repaired: 0,
  })
  expect([...CODES_2005_TO_2017]).toContainEqual(['060', 'w21003'])
  expect(CODES_2005_TO_2017.has('B01')).toBe(false)
})

test('2017: an air station, a site without marks, nanograms', () => {
  expect(short(read(segmentOf('airStation')))).toEqual([
    'a34002 value 30 N',
    'a34004 value 25 N',
    'a01001 value 13.5 N',
    'a01002 value 43.8 N',
    'a01008 value 30 N',
    'a01007 value 3.5 N',
    'a34001 value 132 N',
    'LA value 66.8 N',
  ])
  expect(short(read(segmentOf('siteDust')))?.[0]).toBe('a34004 value 0')
  expect(read(segmentOf('siteDust'))?.readings).toHaveLength(9)
  expect(short(read(segmentOf('nanograms')))?.[0]).toBe('a34004 value 75600 N')
})

test('the slip "LA-td" is a real-time value', () => {
  const result = read(segmentOf('typo'))
  expect(short(result)?.[0]).toBe('LA value 50.1 N')
  expect(result).toMatchObject({ repaired: 1, ignored: 0 })
})

test('2025: the version bits change nothing in the values', () => {
  expect(short(read(segmentOf('of2025')))).toEqual(['a34004 value 35.2 N', 'LA value 57.9 N'])
})

test('a minute has its smallest, mean and greatest value, each with the mark', () => {
  expect(short(read(segmentOf('part1of2')))).toEqual([
    'a34004 min 30.1 N',
    'a34004 avg 35.2 N',
    'a34004 max 40.8 N',
  ])
  const periods = ['2011', '2051', '2061', '2031'].map((cn) => cp(cn, 'a-Avg=1,a-Cou=2')?.readings[0]?.period)
  expect(periods).toEqual(['instant', 'minute', 'hour', 'day'])
  expect(short(cp('2061', 'a-Avg=1,a-Cou=2'))).toEqual(['a avg 1', 'a sum 2'])
})

test('what is not the measurement itself has a name of its own', () => {
  expect(short(cp('2051', 'a21026-Avg=1,a21026-ZsAvg=2,a21026-Flag=N'))).toEqual([
    'a21026 avg 1 N',
    'a21026-Zs avg 2',
  ])
  expect(short(cp('2031', 'LA-Data=60,LA-DayDate=61,LA-NightData=50'))).toEqual([
    'LA value 60',
    'LA-Day value 61',
    'LA-Night value 50',
  ])
  expect(short(cp('2011', 'a-Rtd=1,a-Flag=D,a-EFlag=A01'))).toEqual(['a value 1 D', 'a-EFlag value null A01'])
  expect(short(cp('2021', 'SB1-RS=1;SB2-RS=0'))).toEqual(['SB1-RS value 1', 'SB2-RS value 0'])
  expect(short(cp('2013', 'a-Rtd=1,a-Flag=N'))).toEqual(['a-Raw value 1 N'])
  expect(short(cp('2062', 'a-Rtd=1'))).toEqual(['a-Calibration value 1'])
})

test('a mark alone is a reading without value; no mark of another length reads as normal', () => {
  expect(short(cp('2011', 'a-Flag=B'))).toEqual(['a value null B'])
  expect(short(cp('2011', `a-Rtd=1,a-Flag=${'N'.repeat(17)};b-Rtd=1,b-Flag=\u0000;c-Rtd=1,c-Flag=`))).toEqual(
    ['a value 1 ?', 'b value 1 ?', 'c value 1'],
  )
})

test('what is no number is no value, but its mark stays', () => {
  for (const text of ['', '--', 'NaN', '0x10', '1e999', '1e31', 'Infinity', '１'])
    expect(short(cp('2011', `a-Rtd=${text},a-Flag=D`))).toEqual(['a value null D'])
  const values = ['1', '-1.5', '+2', '.5', '3.', '1e3', '007'].map(
    (text) => cp('2011', `a-Rtd=${text}`)?.readings[0]?.value,
  )
  expect(values).toEqual([1, -1.5, 2, 0.5, 3, 1_000, 7])
  expect(cp('2011', 'a-Rtd=x;a-Info=on;a-SampleTime=20260101000000;word=3')).toEqual({
    readings: [],
    ignored: 4,
    repaired: 0,
  })
})

test('every reading can go into a message, whatever the names', () => {
  const names = ['x'.repeat(64), 'x'.repeat(65), '𠮷'.repeat(33), '气', 'a b', 'a\u0000', '\ud800', '\ufffd']
  const readings = names.flatMap((name) => cp('2011', `${name}-Rtd=1,${name}-Flag=N`)?.readings ?? [])
  expect(readings.map(({ factor }) => factor)).toEqual(['x'.repeat(64), '气'])
  for (const reading of readings) expect(readingSchema.safeParse(reading).success).toBe(true)
})

test('values behind a second DataTime belong to it', () => {
  const result = cp('2051', 'a-Avg=1;DataTime=20260101080100;a-Avg=2')
  expect(result?.readings.map((one) => [one.at, one.value])).toEqual([
    [at('2026-01-01T08:00:00'), 1],
    [at('2026-01-01T08:01:00'), 2],
  ])
})

test('without a moment there is no reading', () => {
  for (const time of ['', 'DataTime=;', 'DataTime=20260231000000;', 'DataTime=2026010108;', 'DataTime=x;'])
    expect(read(`CN=2011;MN=A;CP=&&${time}a-Rtd=1&&`)).toBeNull()
  expect(read('CN=9015;MN=A;CP=&&DataTime=20260101000000&&')).toBeNull()
})

test('names of objects are names like others', () => {
  expect(short(cp('2011', '__proto__-Rtd=1;constructor-Rtd=2;a-__proto__=3;a-toString=4'))).toEqual([
    '__proto__ value 1',
    'constructor value 2',
    'a-__proto__ value 3',
    'a-toString value 4',
  ])
})

test('time of the city', () => {
  expect(shanghai('20260101080000')).toBe(at('2026-01-01T08:00:00'))
  expect(shanghai('20260101080000123')).toBe(at('2026-01-01T08:00:00.123'))
  expect(shanghai('19700101080000')).toBe(0)
  expect(shanghai('20240229235959')).toBe(at('2024-02-29T23:59:59'))
  for (const text of [
    ...['20260229000000', '20261301000000', '20260100000000', '20260001000000', '20260101240000'],
    ...['20260101006000', '20260101000060', '2026010108000', '202601010800001', '21000101000000'],
    ...['19691231235959', '2026-01-01T08:00', ' 20260101080000', '20260101080000\n'],
  ])
    expect([text, shanghai(text)]).toEqual([text, null])
})

test('time of a city that changes its clocks', () => {
  const berlin = createCityTime('Europe/Berlin')
  const utc = (text: string) => new Date(berlin(text) ?? Number.NaN).toISOString()
  expect(utc('20260115120000')).toBe('2026-01-15T11:00:00.000Z')
  expect(utc('20260715120000')).toBe('2026-07-15T10:00:00.000Z')
  // 29 March: 02:00 is 03:00.
  expect(utc('20260329013000')).toBe('2026-03-29T00:30:00.000Z')
  expect(utc('20260329023000')).toBe('2026-03-29T01:30:00.000Z')
  expect(utc('20260329033000')).toBe('2026-03-29T01:30:00.000Z')
  // 25 October: 03:00 is 02:00; the earlier of the two.
  expect(utc('20261025023000')).toBe('2026-10-25T00:30:00.000Z')
  expect(utc('20261025030000')).toBe('2026-10-25T02:00:00.000Z')
  const newYork = createCityTime('America/New_York')
  expect(newYork('20261101013000')).toBe(Date.parse('2026-11-01T01:30:00-04:00'))
  expect(newYork('20261101020000')).toBe(Date.parse('2026-11-01T02:00:00-05:00'))
  expect(() => createCityTime('Mars/Olympus')).toThrow(RangeError)
})

test('every half hour of a year comes back as itself', () => {
  for (const timezone of ['Asia/Shanghai', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe']) {
    const city = createCityTime(timezone)
    const wall = new Intl.DateTimeFormat('sv-SE', {
      timeZone: timezone,
      ...{
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
      },
    } as Intl.DateTimeFormatOptions)
    let before = ''
    for (let half = 0; half < 366 * 48; half += 1) {
      const moment = Date.UTC(2026, 0, 1) + half * 1_800_000
      const text = wall.format(moment).replace(/\D/g, '')
      // The second of two moments with the same name is read as the first.
      if (text > before) expect([timezone, text, city(text)]).toEqual([timezone, text, moment])
      before = text > before ? text : before
    }
  }
})
