// The chain that every tool runs: N migrations, each of which creates one small table.

import { createHash } from 'node:crypto'

export interface Link {
  /** "item_00001"; the same in all tools, so that the tables of a database can be counted. */
  readonly table: string
  /** "create_item_00001" */
  readonly slug: string
  /** When it was written: no two are alike, and text order is time order. */
  readonly writtenAt: Date
  /** Twelve hexadecimal digits, as mig and Alembic name revisions. */
  readonly revision: string
  readonly parent: string | null
}

/** What the tables of a chain are called, and nothing that a tool keeps for itself. */
export const tablePrefix = 'item_'

export function chainOf(size: number): readonly Link[] {
  return Array.from({ length: size }, (_, index) => ({
    table: tableName(index + 1),
    slug: `create_${tableName(index + 1)}`,
    writtenAt: new Date(firstMs + index * 60_000),
    revision: revisionId(index + 1),
    parent: index === 0 ? null : revisionId(index),
  }))
}

const firstMs = Date.UTC(2024, 0, 1)

function tableName(number: number): string {
  return `${tablePrefix}${String(number).padStart(5, '0')}`
}

/** Without order, as random ones are: a tool must not profit from names that happen to be sorted. */
function revisionId(number: number): string {
  return createHash('sha256').update(`revision ${number}`).digest('hex').slice(0, 12)
}

/** 20240101000000 */
export function stamp({ writtenAt }: Link): string {
  return writtenAt.toISOString().replace(/\D/g, '').slice(0, 14)
}
