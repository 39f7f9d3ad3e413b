// The queries that a migration builds: where each was built, and which of them were never compiled or run.

import { currentCaller } from './caller.js'
import type { Work } from './prepared-step.js'

/** A builder of Knex: of a query, of the schema, or a piece of SQL. */
export interface Builder {
  /** Of a query builder: what it would do. */
  readonly _method?: string
  /** Of a schema builder: what it would do, in order. */
  readonly _sequence?: readonly { readonly method: string }[]
  /** Of a piece of SQL. */
  readonly isRawInstance?: boolean
  readonly sql?: string
  toSQL(...parameters: unknown[]): unknown
  clone?(...parameters: unknown[]): Builder
}

/** A builder that was neither compiled nor run. */
export interface Unused {
  /** What it would have done: "createTable", "insert", or the first words of its SQL. */
  readonly what: string
  /** Whether it would have changed something: then it was meant to run. */
  readonly writes: boolean
  /** Made where it was built: its stack says where. */
  readonly origin: Error
}

export interface Builders {
  /** Takes note of a new builder, and returns it. */
  made<T extends Builder>(builder: T): T
  /** It was compiled: on its own, or as a part of another. */
  used(builder: object): void
  originOf(builder: object): Error | undefined
  /** What a migration built and did not use. Nothing of any other one is kept. */
  takeUnused(work: Work): readonly Unused[]
}

export function createBuilders(): Builders {
  const origins = new WeakMap<object, Error>()
  const open = new Map<Builder, { readonly origin: Error; readonly work: Work | null }>()
  const builders: Builders = {
    made(builder) {
      const origin = new Error('built here')
      origins.set(builder, origin)
      open.set(builder, { origin, work: currentCaller()?.work ?? null })
      if (builder.isRawInstance === true) noteUse(builder, 'toSQL', () => builders.used(builder))
      else if (builder.clone !== undefined) noteClones(builder, builders)
      return builder
    },
    used: (builder) => void open.delete(builder as Builder),
    originOf: (builder) => origins.get(builder),
    takeUnused(work) {
      const own = [...open].filter(([, made]) => made.work === null || made.work === work)
      const unused = own.flatMap(([builder, { origin }]) => unusedOf(builder, origin))
      open.clear()
      return unused
    },
  }
  return builders
}

/** A piece of SQL is compiled without its client. */
function noteUse(builder: Builder, method: 'toSQL', note: () => void): void {
  hide(builder, method, function (this: Builder, ...parameters: unknown[]) {
    note()
    return (Object.getPrototypeOf(builder) as Builder)[method].apply(this, parameters)
  })
}

/** Whoever copies a builder uses it. Copies are made without the client. */
function noteClones(builder: Builder, builders: Builders): void {
  hide(builder, 'clone', (...parameters: unknown[]) => {
    builders.used(builder)
    return builders.made((Object.getPrototypeOf(builder) as Required<Builder>).clone.apply(builder, parameters))
  })
}

function hide(builder: Builder, name: string, value: unknown): void {
  Object.defineProperty(builder, name, { value, configurable: true, writable: true, enumerable: false })
}

const reading: ReadonlySet<string> = new Set(['select', 'first', 'pluck', 'columnInfo', 'hasTable', 'hasColumn'])

function unusedOf(builder: Builder, origin: Error): readonly Unused[] {
  if (builder.isRawInstance === true) {
    const sql = builder.sql ?? ''
    return [{ what: sql.trim().slice(0, 60), writes: isWritingStatement(sql), origin }]
  }
  if (builder._sequence === undefined) {
    const what = builder._method ?? 'select'
    return [{ what, writes: !reading.has(what), origin }]
  }
  const methods = builder._sequence.map(({ method }) => method)
  const [first] = methods
  return first === undefined
    ? []
    : [{ what: methods.join(', '), writes: !methods.every((it) => reading.has(it)), origin }]
}

/** A whole statement, not a piece of one: functions of SQL have such names, too. */
function isWritingStatement(sql: string): boolean {
  return /^\s*(create|alter|drop|rename|truncate|insert|replace|update|delete|merge|grant|revoke|comment\s+on)\s+[^\s(]/i.test(
    sql,
  )
}
