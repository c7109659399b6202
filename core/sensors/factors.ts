import type { Label } from '../config/shared.ts'

/** Names of the factors that sites measure most, by HJ 212's codes of 2017 and 2005 (srdgame/lua-HJ212, hj212.csv). */
const FACTORS: Readonly<Record<string, Label>> = {
  a34001: { zh: 'TSP 总悬浮颗粒物', en: 'TSP' },
  a34002: { zh: 'PM10', en: 'PM10' },
  a34004: { zh: 'PM2.5', en: 'PM2.5' },
  a34005: { zh: 'PM1', en: 'PM1' },
  a34013: { zh: '烟尘', en: 'Soot' },
  a21026: { zh: '二氧化硫', en: 'SO2' },
  a21004: { zh: '二氧化氮', en: 'NO2' },
  a21002: { zh: '氮氧化物', en: 'NOx' },
  a21003: { zh: '一氧化氮', en: 'NO' },
  a21005: { zh: '一氧化碳', en: 'CO' },
  a21001: { zh: '氨', en: 'Ammonia' },
  a21028: { zh: '硫化氢', en: 'H2S' },
  a24088: { zh: '非甲烷总烃', en: 'NMHC' },
  a25002: { zh: '苯', en: 'Benzene' },
  a01001: { zh: '气温', en: 'Temperature' },
  a01002: { zh: '湿度', en: 'Humidity' },
  a01006: { zh: '气压', en: 'Pressure' },
  a01007: { zh: '风速', en: 'Wind speed' },
  a01008: { zh: '风向', en: 'Wind direction' },
  a01010: { zh: '林格曼黑度', en: 'Ringelmann number' },
  LA: { zh: '噪声 LA', en: 'Noise LA' },
  Leq: { zh: '等效声级 Leq', en: 'Noise Leq' },
  w01001: { zh: 'pH', en: 'pH' },
  w01009: { zh: '溶解氧', en: 'Dissolved oxygen' },
  w01018: { zh: '化学需氧量', en: 'COD' },
  w21003: { zh: '氨氮', en: 'Ammonia nitrogen' },
  w21011: { zh: '总磷', en: 'Total phosphorus' },
  w21001: { zh: '总氮', en: 'Total nitrogen' },
  '01': { zh: '烟尘', en: 'Soot' },
  '02': { zh: '二氧化硫', en: 'SO2' },
  '03': { zh: '氮氧化物', en: 'NOx' },
  '04': { zh: '一氧化碳', en: 'CO' },
  '001': { zh: 'pH', en: 'pH' },
  '011': { zh: '化学需氧量', en: 'COD' },
  '060': { zh: '氨氮', en: 'Ammonia nitrogen' },
  '101': { zh: '总磷', en: 'Total phosphorus' },
}

/** A factor as people call it; one that is not in the list is called by its code. */
export const factorName = (code: string): Label =>
  Object.hasOwn(FACTORS, code) ? (FACTORS[code] as Label) : { zh: code, en: code }
