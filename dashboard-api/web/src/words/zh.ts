import { alertWords } from './zh/alerts.ts'
import { caseWords } from './zh/cases.ts'
import { frameWords } from './zh/frame.ts'
import { problemWords } from './zh/problems.ts'

/** 中文: the source. A value without a word in it names its key as a mistake; test/dashboard-api/web proves both complete. */
export const zh = { ...frameWords, ...problemWords, ...alertWords, ...caseWords }
