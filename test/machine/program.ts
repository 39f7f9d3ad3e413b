// A random program as data: migrations, and what each of them does, in order.

import type { EngineName } from '../support/engines.js'

export interface Program {
  readonly engine: EngineName
  readonly migrations: readonly MachineMigration[]
}

export interface MachineMigration {
  readonly revision: string
  /** Whether mig runs it in a transaction. */
  readonly transaction: boolean
  readonly operations: readonly Operation[]
}

/** `mark`: a number of its own in the program. Whatever it makes, and its text, is called `e<mark>`. */
export type Operation =
  | { readonly kind: 'insert'; readonly mark: number; readonly how: 'text' | 'bound' | 'builder' }
  /** Several statements in one text. */
  | { readonly kind: 'several'; readonly marks: readonly number[] }
  | { readonly kind: 'ddl'; readonly mark: number; readonly what: Ddl }
  /** It leaves nothing but a setting, or nothing at all. */
  | { readonly kind: 'session'; readonly sql: string }
  /** It is refused by the database, and the migration goes on. */
  | { readonly kind: 'refused'; readonly mark: number; readonly why: Refusal; readonly isNested: boolean }
  /** Within a transaction of its own it is sent beside that, and stays when that is rolled back. */
  | { readonly kind: 'beside'; readonly mark: number; readonly isRefused: boolean }
  /** The migration fails here. A correction puts an insert in its place. */
  | {
      readonly kind: 'fail'
      readonly mark: number
      readonly why: Refusal | 'throw'
      readonly fix: 'remove' | 'correct'
    }
  /** Two updates in a transaction; the first try of each process ends in a deadlock with another session. */
  | { readonly kind: 'deadlock'; readonly marks: readonly [number, number] }
  | Block

export interface Block {
  readonly kind: 'block'
  readonly mark: number
  readonly how: BlockKind
  readonly end: 'keep' | 'roll back'
  readonly operations: readonly Operation[]
}

export type BlockKind =
  /** `knex.transaction(…)`. */
  | 'transaction'
  /** `savepoint`, as text. */
  | 'savepoint'
  /** `begin`, as text. */
  | 'begin'
  | 'autocommit off'
  /** `context.step(…)`. */
  | 'step'
  | 'lock tables'

export type Ddl = 'table' | 'built table' | 'column' | 'index' | 'concurrent index' | 'drop'

export type Refusal = 'unique' | 'syntax' | 'missing'

/** All operations, those within blocks included, in the order in which they run. */
export function flatten(operations: readonly Operation[]): readonly Operation[] {
  return operations.flatMap((each) => (each.kind === 'block' ? [each, ...flatten(each.operations)] : [each]))
}

export function marksOf(operation: Operation): readonly number[] {
  if ('marks' in operation) return operation.marks
  return 'mark' in operation ? [operation.mark] : []
}

/** Whether something of it may be in the database that cannot be rolled back. */
export function mayStopInTheMiddle({ engine }: Program, { transaction, operations }: MachineMigration): boolean {
  if (!transaction) return true
  const commits = (each: Operation) => each.kind === 'ddl' || (each.kind === 'block' && each.how === 'lock tables')
  return engine === 'mysql' && flatten(operations).some(commits)
}

/** The program in which `change` was made of each operation; several or none may take its place. */
export function mapOperations(program: Program, change: (operation: Operation) => readonly Operation[]): Program {
  const mapped = (operations: readonly Operation[]): readonly Operation[] =>
    operations.flatMap((each) =>
      change(each).map((one) => (one.kind === 'block' ? { ...one, operations: mapped(one.operations) } : one)),
    )
  return {
    ...program,
    migrations: program.migrations.map((each) => ({ ...each, operations: mapped(each.operations) })),
  }
}
