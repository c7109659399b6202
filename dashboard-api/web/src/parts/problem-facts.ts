import { SCHEMA_RULES, type SchemaFault } from '../../../../core/api/schema-fault.ts'

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
