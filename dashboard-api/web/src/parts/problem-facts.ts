import { SCHEMA_RULES, type SchemaFault } from '../../../../core/api/schema-fault.ts'
import type { Told } from '../../../../core/told.ts'

type Details = Readonly<Record<string, unknown>> | undefined

/** Faults that a schema has found, when all of them are of rules that this build knows; else none. */
export function wordedFaults(details: Details): readonly SchemaFault[] {
  const faults = details?.faults
  if (!Array.isArray(faults)) return []
  const known = faults.every(
    (fault) => SCHEMA_RULES.includes(fault?.rule) && typeof fault.path === 'string' && fault.values,
  )
  return known ? (faults as SchemaFault[]) : []
}

/** Why a command was refused, as the server tells it beside the state it found: `why` and the values around it. */
export function factsOf(details: Details): Told | null {
  if (typeof details?.why !== 'string') return null
  const facts = Object.entries(details).filter(
    (pair): pair is [string, string | number] => typeof pair[1] === 'string' || typeof pair[1] === 'number',
  )
  return { code: details.why, facts: Object.fromEntries(facts) }
}
