/**
 * The figures a city reports, their names and what exactly they count. Each is a share numerator / denominator of the
 * same list, so that a numerator is always a part of its denominator; who belongs where is decided in `judge.ts`.
 *
 * The names are those of 数字化城市管理 reports (GB/T 30428.4 绩效评价, before it CJ/T 292); the standards' own text could
 * not be read here, so the definitions are ours and stand on screen beside each figure.
 */
interface FigureWords {
  /** What its list holds: cases filed in the period, or alerts opened in it. */
  readonly of: 'cases' | 'alerts'
  /** `count`: a number alone; `share`: per cent of the denominator. */
  readonly shown: 'count' | 'share'
  readonly zh: string
  readonly en: string
  readonly numerator: { readonly zh: string; readonly en: string }
  readonly denominator: { readonly zh: string; readonly en: string }
}

export const FIGURES = {
  filed: {
    of: 'cases',
    shown: 'count',
    zh: '立案数',
    en: 'Filed',
    numerator: { zh: '期内立案的案件，不含作废', en: 'cases filed in the period, without voided ones' },
    denominator: { zh: '期内立案的案件，不含作废', en: 'cases filed in the period, without voided ones' },
  },
  dispatched: {
    of: 'cases',
    shown: 'share',
    zh: '派遣及时率',
    en: 'Dispatched in time',
    numerator: {
      zh: '首次派遣不晚于立案后的派遣时限',
      en: 'first dispatched within the dispatch limit after filing',
    },
    denominator: {
      zh: '期内立案的案件中，已派遣的，以及未派遣但已过派遣时限的',
      en: 'cases filed in the period that were dispatched, or that were not while the limit has passed',
    },
  },
  handled: {
    of: 'cases',
    shown: 'share',
    zh: '按期处置率',
    en: 'Handled in time',
    numerator: {
      zh: '主办单位的每一轮处置（含返工、延期后）都不晚于当时的处置时限',
      en: 'every round of handling by the lead department (reworks too) ended by the deadline in force, extensions included',
    },
    denominator: {
      zh: '应处置数：期内立案的案件中，已反馈过的，以及未反馈但已过处置时限的',
      en: 'cases filed in the period that were reported at least once, or whose handling deadline has passed',
    },
  },
  firstPass: {
    of: 'cases',
    shown: 'share',
    zh: '一次合格率',
    en: 'First-pass',
    numerator: { zh: '核查从未不合格', en: 'no verification failed' },
    denominator: {
      zh: '期内立案的案件中，至少核查过一次的',
      en: 'cases filed in the period that were verified at least once',
    },
  },
  rework: {
    of: 'cases',
    shown: 'share',
    zh: '返工率',
    en: 'Rework',
    numerator: { zh: '至少一次核查不合格', en: 'at least one verification failed' },
    denominator: {
      zh: '期内立案的案件中，至少核查过一次的',
      en: 'cases filed in the period that were verified at least once',
    },
  },
  overdue: {
    of: 'cases',
    shown: 'share',
    zh: '超期率',
    en: 'Overdue',
    numerator: {
      zh: '签收或处置的任一时限曾经超过，或现已超过',
      en: 'any deadline to accept or to handle was missed, or has passed by now',
    },
    denominator: {
      zh: '期内立案的案件中，派遣给主办单位的（同意退回的派遣不计）',
      en: 'cases filed in the period that were dispatched to their lead department (not to one whose return was granted)',
    },
  },
  closed: {
    of: 'cases',
    shown: 'share',
    zh: '结案率',
    en: 'Closed',
    numerator: { zh: '现为已结案', en: 'closed now' },
    denominator: { zh: '期内立案的案件，不含作废', en: 'cases filed in the period, without voided ones' },
  },
  falseAlarm: {
    of: 'alerts',
    shown: 'share',
    zh: '误报率',
    en: 'False alarms',
    numerator: { zh: '判为误报', en: 'judged a false alarm' },
    denominator: {
      zh: '期内产生的告警中，已有研判结论的',
      en: 'alerts opened in the period that were judged',
    },
  },
} as const satisfies Readonly<Record<string, FigureWords>>

export type Figure = keyof typeof FIGURES
export const FIGURE_NAMES = Object.keys(FIGURES) as [Figure, ...Figure[]]
export type CaseFigure = Exclude<Figure, 'falseAlarm'>
export const CASE_FIGURES = FIGURE_NAMES.filter((name): name is CaseFigure => FIGURES[name].of === 'cases')

/** Which part of a figure's list. `rest`: in the denominator and not in the numerator. `voided`: counted apart. */
export const PARTS = ['numerator', 'denominator', 'rest', 'voided'] as const
export type Part = (typeof PARTS)[number]

/** What rows are told apart by. `department`: the lead; days and months are those of the city's time zone. */
export const GROUPINGS = ['type', 'department', 'grid', 'day', 'month'] as const
export type Grouping = (typeof GROUPINGS)[number]

/** Key of the row of what has none: no department yet, no grid known. */
export const NO_KEY = '~'

/** A share of fewer than this says little: it is shown in grey. */
export const SMALL_SAMPLE = 20

/**
 * How many alarms an operator can take in ten minutes (EEMUA 191, ISA-18.2; from secondary pages, the standards were
 * not read): about 1 is comfortable, 2 manageable; a flood begins over 10 and ends under 5, and may last 1 % of the time.
 */
export const ALARM_LIMITS = {
  windowMinutes: 10,
  comfortable: 1,
  manageable: 2,
  floodOver: 10,
  floodEndsUnder: 5,
  floodShare: 0.01,
} as const
