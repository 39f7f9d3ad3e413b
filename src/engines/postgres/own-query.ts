// PostgreSQL: mig's own queries, in the form that mig reads.

import type { Client, QueryResult as PgResult } from 'pg'
import { textOf } from '../../core/stored-text.js'

/** What others read of a session of mig that does nothing yet. */
export const ownName = 'mig'

type OwnParser = (value: string) => unknown

const asNumber: OwnParser = Number
/** By the numbers of the types (pg_type.dat): bool, int2, int4, oid, float4, float8. Everything else is read as text. */
const ownParsers: Readonly<Record<number, OwnParser>> = {
  16: (value) => value === 't',
  21: asNumber,
  23: asNumber,
  26: asNumber,
  700: asNumber,
  701: asNumber,
}
const ownTypes = { getTypeParser: (oid: number) => ownParsers[oid] ?? textOf }

/** In the form that mig reads, whatever the project has set for its own queries: parsers of types, rows, binary values. */
export function ownQuery(
  client: Client,
  text: string,
  values: readonly unknown[] = [],
): Promise<PgResult<Record<string, unknown>>> {
  const settings = client as unknown as { binary: boolean }
  const { binary } = settings
  settings.binary = false
  try {
    return client.query<Record<string, unknown>>({ text, values: [...values], types: ownTypes })
  } finally {
    settings.binary = binary
  }
}
