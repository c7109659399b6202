import { z } from 'zod'
import { ruled } from '../api/schema-fault.ts'
import { PURPOSES } from '../catalogue.ts'
import { severitySchema } from '../event.ts'
import { durationSchema, idSchema, labelSchema, placeSchema } from './shared.ts'

/** One measured factor of one device. A device with three factors is three sensors with the same topic or MN. */
const common = {
  id: idSchema,
  name: labelSchema.optional(),
  /** Factor code as HJ 212 writes it (a34004 = PM2.5), or any word of the device's own. */
  factor: z.string().min(1).max(64),
  unit: z.string().min(1).max(32),
  /** What the device sends times this is in `unit`: some devices send ng/m3. */
  scale: z.number().positive().default(1),
  purpose: z.enum(PURPOSES).default('environment'),
  place: placeSchema.default({}),
  /** Cameras that see what the sensor measures; absent: those within `near` metres of its place. */
  cameras: z.array(idSchema).optional(),
  near: z.number().positive().max(20_000).default(300),
  /** How often a reading is expected. Nothing for three times as long is a `sensor_fault`; absent: silence says nothing. */
  every: durationSchema.optional(),
  limit: z
    .strictObject({
      above: z.number().optional(),
      below: z.number().optional(),
      /** How long the limit must be exceeded, by reading time. */
      for: durationSchema.default(0),
      /** The exceedance ends at this value (hysteresis); absent: at the limit itself. */
      clear: z.number().optional(),
    })
    .superRefine((limit, context) => {
      const { above, below, clear } = limit
      const fault = (path: string, message: string, rule: ReturnType<typeof ruled>) =>
        context.addIssue({ code: 'custom', path: [path], message, ...rule })
      if ((above === undefined) === (below === undefined))
        fault('above', 'a limit has either "above" or "below"', ruled('above_or_below'))
      if (clear !== undefined && above !== undefined && clear > above)
        fault(
          'clear',
          `${clear} is over the limit ${above}: an exceedance would never end`,
          ruled('clear_limit'),
        )
      if (clear !== undefined && below !== undefined && clear < below)
        fault(
          'clear',
          `${clear} is under the limit ${below}: an exceedance would never end`,
          ruled('clear_limit'),
        )
    })
    .optional(),
  severity: severitySchema.optional(),
}

export const sensorSchema = z.discriminatedUnion('source', [
  z.strictObject({
    ...common,
    source: z.literal('mqtt'),
    /** Topic filter of its readings, `+` allowed, for example sensors/pm/017. */
    topic: z
      .string()
      .min(1)
      .max(256)
      .refine((topic) => !topic.includes('#') && !topic.startsWith('$'), {
        error: 'a sensor names its own topic, without #',
        ...ruled('topic'),
      }),
    /** Topic of its birth and will (`online` / `offline`), if it has one. */
    statusTopic: z.string().min(1).max(256).optional(),
  }),
  z.strictObject({
    ...common,
    source: z.literal('hj212'),
    /** MN: the device's number in HJ 212. */
    mn: z.string().regex(/^[\x21-\x7e]{1,32}$/, 'an MN has 1 to 32 visible ASCII characters'),
    /** Which checksum the device computes; `modbus` devices are wrong and common. */
    crc: z.enum(['hj', 'modbus']).default('hj'),
    /** File with its PW; absent: any password is taken. */
    passwordFile: z.string().optional(),
  }),
])
/** A sensor as parsed: durations are milliseconds, paths absolute. */
export type SensorConfig = z.infer<typeof sensorSchema>
export type MqttSensor = Extract<SensorConfig, { source: 'mqtt' }>

/** The device of a sensor, as messages name it: key of `sensor.readings.v1`. */
export const deviceOf = (sensor: SensorConfig): string => (sensor.source === 'hj212' ? sensor.mn : sensor.id)
