import type { CityConfig } from '../../core/config/city.ts'
import { notBuiltYet, readCityFile } from '../city-file.ts'
import { guessedText, missingYears } from '../health/work-days.ts'
import type { Settings } from '../settings.ts'
import { type Finding, finding } from './finding.ts'

/** Working-time clocks need the holidays of the weeks to come. */
function workDays(city: CityConfig, now: number): readonly Finding[] {
  if (!city.routes.some((route) => route.clock === 'working')) return []
  const missing = missingYears(now)
  return missing.length === 0
    ? [finding('work days', 'ok', `${city.city.hours.join(', ')}; holidays of these weeks are known`)]
    : [finding('work days', 'warn', guessedText(missing))]
}

/** The city file, and who in it could not be reached by this deployment. */
export async function cityFindings(
  path: string,
  { smtp, mqtt, sensorListen }: Settings,
  now: number,
): Promise<readonly Finding[]> {
  const city = await readCityFile(path)
  const works = (kind: string) => kind === 'webhook' || (kind === 'email' && smtp !== null)
  const unreachable = city.departments.filter((d) => !d.channels.some((c) => works(c.kind)))
  const counts = [
    `${city.cameras.length} cameras`,
    `${city.sensors.length} sensors`,
    `${city.departments.length} departments`,
    `${city.users.length} users`,
  ]
  const devices = city.sensors.filter(({ source }) => source === 'hj212' || mqtt === null)
  const loopback = ['127.0.0.1', '::1', 'localhost'].includes(sensorListen)
  return [
    finding('city file', 'ok', counts.join(', ')),
    ...unreachable.map((d) =>
      finding(
        'department',
        'warn',
        d.channels.some((c) => c.kind === 'email') && smtp === null
          ? `${d.id} has only e-mail, and SMTP_HOST is not set: nobody is told`
          : `${d.id} has no channel that works: nobody is told`,
      ),
    ),
    ...(devices.length > 0 && loopback
      ? [
          finding(
            'sensors',
            'warn',
            `${devices.length} sensors send to this machine, which listens for them on ${sensorListen} only: set SENSOR_LISTEN`,
          ),
        ]
      : []),
    ...workDays(city, now),
    ...notBuiltYet(city).map((detail) => finding('not built', 'warn', detail)),
  ]
}
