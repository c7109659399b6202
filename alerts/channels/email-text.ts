import { z } from 'zod'

const labelSchema = z.object({ zh: z.string(), en: z.string() })
const sensorSchema = z.object({
  id: z.string(),
  name: labelSchema,
  measured: z
    .object({
      factor: z.string(),
      factorName: labelSchema,
      value: z.number(),
      peak: z.number().optional(),
      limit: z.object({ above: z.number().optional(), below: z.number().optional() }),
      unit: z.string(),
    })
    // Absent in messages that were queued by older versions.
    .nullish(),
})

/** The thin payload of alerts/delivery/message.ts, as far as a mail tells it. */
const payloadSchema = z.object({
  type: z.string(),
  timestamp: z.iso.datetime(),
  data: z.object({
    case: z.string().nullable(),
    alert: z.string().nullable(),
    thread: z.string(),
    type: z.string(),
    name: z.object({ zh: z.string(), en: z.string() }).nullable(),
    severity: z.number(),
    place: z.looseObject({ address: z.string().optional(), grid: z.string().optional() }).nullable(),
    camera: z
      .object({ id: z.string(), name: z.object({ zh: z.string(), en: z.string() }).nullable() })
      .nullable(),
    sensor: sensorSchema.nullish(),
    since: z.iso.datetime(),
    verified: z.boolean(),
    links: z.object({ alert: z.string().optional(), case: z.string().optional() }),
    due: z.object({ at: z.iso.datetime() }).nullish(),
    reason: z.string().nullish(),
    granted: z.boolean().optional(),
    reworkCount: z.number().optional(),
  }),
})

export interface Mail {
  readonly type: string
  readonly subject: string
  readonly text: string
  /** Left part of the Message-ID that all mails of one matter refer to. */
  readonly thread: string
  readonly urgent: boolean
}

/** What a mail is about, and what its reader is asked to do. A type that is not here is told by its own name. */
const KINDS: Readonly<Record<string, { readonly label: string; readonly ask: string }>> = {
  'alert.at_once': { label: '告警', ask: '机器发现，尚未经人工核实，请先做好处置准备并核实。' },
  'alert.reminder': { label: '告警催办', ask: '该告警至今无人确认，请尽快查看。' },
  'alert.cancelled': { label: '告警取消', ask: '该告警经核实不成立，请停止相关处置。' },
  'alert.corrected': { label: '告警更正', ask: '此前的取消通知有误，请按原告警处置，并核实现场情况。' },
  'case.filed': { label: '待签收', ask: '案件已立案并派遣至贵单位，请签收并处置。' },
  'case.dispatched': { label: '待签收', ask: '案件已派遣至贵单位，请签收并处置。' },
  'case.rework': { label: '返工', ask: '核查未通过，请重新处置并反馈。' },
  'case.decided': { label: '申请已批复', ask: '贵单位的申请已有批复，请查看。' },
  'case.voided': { label: '作废', ask: '该案件已作废，无需继续处置。' },
  'case.reminder': { label: '催办', ask: '时限将至，请尽快办理。' },
  'channel.test': { label: '测试', ask: '这是一条测试消息，用来确认渠道畅通，无需处理。' },
  'case.overdue': { label: '超期', ask: '案件已超过时限，请立即办理。' },
}
const SEVERITIES = ['', '一级（特急）', '二级（紧急）', '三级（一般）', '四级（提示）']

/** Chinese mail of a notification; null: it is none. `timezone` is the city's: people read local times. */
export function mailOf(payload: unknown, timezone: string): Mail | null {
  const parsed = payloadSchema.safeParse(payload)
  if (!parsed.success) return null
  const { type, timestamp, data } = parsed.data
  const kind = KINDS[type] ?? { label: type, ask: '请查看详情。' }
  const hazard = data.name?.zh ?? data.type
  const where = data.place?.address ?? data.camera?.name?.zh ?? data.camera?.id ?? data.sensor?.name.zh ?? ''
  const time = (iso: string) => localTime(iso, timezone)
  const lines = [
    kind.ask,
    '',
    `事项：${hazard}`,
    `等级：${SEVERITIES[data.severity] ?? data.severity}`,
    where && `地点：${where}`,
    data.place?.grid && `网格：${data.place.grid}`,
    data.camera && `点位：${data.camera.name?.zh ?? data.camera.id}`,
    data.sensor && `监测点：${data.sensor.name.zh}`,
    ...measuredLines(data.sensor?.measured),
    `起始：${time(data.since)}`,
    data.case && `案件编号：${data.case}`,
    data.due && `时限：${time(data.due.at)}`,
    data.granted !== undefined && `批复：${data.granted ? '同意' : '不同意'}`,
    data.reworkCount !== undefined && `返工次数：${data.reworkCount}`,
    data.reason && `原因：${data.reason}`,
    !data.verified && '说明：未经人工核实（unverified）',
    '',
    data.links.case && `查看案件：${data.links.case}`,
    data.links.alert && `查看告警：${data.links.alert}`,
    '',
    `发出时间：${time(timestamp)}。本邮件由系统自动发送，请勿直接回复。`,
  ]
  return {
    type,
    subject: oneLine([`【${kind.label}】${hazard}`, where, data.case ?? ''].filter(Boolean).join(' · ')),
    text: lines.filter((line) => typeof line === 'string').join('\n'),
    thread: data.thread.replaceAll(/[^\w.-]/g, '-'),
    urgent: data.severity === 1 || type === 'case.overdue',
  }
}

/** What was measured against which limit; none for a camera's matter. */
function measuredLines(measured: z.infer<typeof sensorSchema>['measured']): readonly string[] {
  if (!measured) return []
  const { factor, factorName, value, peak, limit, unit } = measured
  const text = (number: number) => `${Number(number.toPrecision(6))} ${unit}`.trim()
  const extreme =
    peak === undefined || peak === value
      ? ''
      : `（${limit.below === undefined ? '峰值' : '最低'} ${text(peak)}）`
  return [
    `监测因子：${factorName.zh}${factorName.zh === factor ? '' : `（${factor}）`}`,
    `监测值：${text(value)}${extreme}`,
    ...(limit.above === undefined ? [] : [`限值：不高于 ${text(limit.above)}`]),
    ...(limit.below === undefined ? [] : [`限值：不低于 ${text(limit.below)}`]),
  ]
}

/** A subject is one line of bearable length, whatever a place is called. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\s]+/gu, ' ').slice(0, 120)

const localTime = (iso: string, timeZone: string): string =>
  new Intl.DateTimeFormat('zh-CN', {
    timeZone,
    dateStyle: 'medium',
    timeStyle: 'medium',
    hour12: false,
  }).format(new Date(iso))
