// What one statement does to a database of a server: it is run outside of a transaction, inside of one, and in one that only
// reads, each time on a database of its own.

import type { StatementAnswers, StatementFacts } from '../../src/engines/contract/statements.js'
import { messageOf } from '../../src/core/thrown.js'
import type { Connection, Database } from '../support/database.js'

export type Fact = 'reads' | 'commits' | 'refusesTransaction' | 'changesSettings'

export interface ServerRow {
  readonly sql: string
  /** Run before, each as it stands. */
  readonly setup?: readonly string[]
  /** It means nothing outside of a transaction. */
  readonly needsTransaction?: true
  /** Facts in which the reader knows less than the server, and why it may. Never one that somebody could rely on. */
  readonly errs?: Partial<Record<Fact, string>>
  /** Facts in which the server says more than is so, and how. */
  readonly serverErrs?: Partial<Record<Fact, string>>
}

/** Statements that are not run → why not. */
export type NotRun = Readonly<Record<string, string>>

export interface ServerKind {
  readonly base: readonly string[]
  /** Names that would be others in capitals. */
  readonly names?: readonly string[]
  /** Settings of the session, as one text. */
  readonly settings: (connection: Connection) => Promise<string>
  readonly readOnly: string
  /** Whether an error says that the transaction only reads. */
  readonly isReadOnlyError: (error: unknown) => boolean
  /** Whether an error says that a transaction cannot hold the statement. */
  readonly isRefusal: (error: unknown) => boolean
}

export interface ServerObservation {
  /** Outside of a transaction; null when it succeeded. */
  readonly error: string | null
  readonly reads: boolean
  /** It ended the transaction that it was sent in, and kept what was written before. */
  readonly commits: boolean
  readonly refused: boolean
  readonly changesSettings: boolean
}

export async function observe(
  kind: ServerKind,
  newDatabase: () => Promise<Database>,
  row: ServerRow,
  sql: string,
): Promise<ServerObservation> {
  const first = await prepared(kind, newDatabase, row)
  const reads = await answersInReader(kind, first, sql)
  const inside = await sentInside(kind, first, sql)
  // What it did inside stays where it committed: then a second time is another thing.
  const second = inside.commits ? await prepared(kind, newDatabase, row) : first
  const outside =
    row.needsTransaction === true ? { error: null, changesSettings: false } : await sentAlone(kind, second, sql)
  await Promise.all([first.drop(), second.drop()])
  return { ...outside, ...inside, reads }
}

async function prepared(
  { base }: ServerKind,
  newDatabase: () => Promise<Database>,
  { setup = [] }: ServerRow,
): Promise<Database> {
  const database = await newDatabase()
  const connection = await database.connect()
  for (const statement of [...base, ...setup]) await connection.query(statement)
  await connection.close()
  return database
}

/** Nothing of it stays. */
async function answersInReader(kind: ServerKind, database: Database, sql: string): Promise<boolean> {
  const connection = await database.connect()
  await connection.query(kind.readOnly)
  const error = await errorOf(connection.query(withNewName(sql)))
  await connection.close()
  return error === null || !kind.isReadOnlyError(error)
}

async function sentInside(
  kind: ServerKind,
  database: Database,
  sql: string,
): Promise<Pick<ServerObservation, 'commits' | 'refused'>> {
  const connection = await database.connect()
  await connection.query('begin')
  await connection.query('insert into probe values (1)')
  const error = await errorOf(connection.query(withNewName(sql)))
  const commits = (await database.query('select 1 from probe')).length > 0
  await connection.query('rollback').catch(() => undefined)
  await connection.close()
  return { commits, refused: error !== null && kind.isRefusal(error) }
}

async function sentAlone(
  kind: ServerKind,
  database: Database,
  sql: string,
): Promise<Pick<ServerObservation, 'error' | 'changesSettings'>> {
  const connection = await database.connect()
  const before = await kind.settings(connection)
  const error = await errorOf(connection.query(withNewName(sql)))
  const after = await kind.settings(connection)
  await connection.close()
  return { error: error === null ? null : messageOf(error), changesSettings: before !== after }
}

let made = 0

/** What is made on the server, and not in a database, has another name each time. */
function withNewName(sql: string): string {
  return sql.replaceAll(/\{n\}/gi, `${process.pid}_${++made}`)
}

function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  )
}

export interface Disagreement {
  readonly fact: string
  readonly unsafe: boolean
}

/** A text says less than a server does: of what is in doubt the reader may say the careful thing, with a reason. */
export function compare(statements: StatementAnswers, sql: string, seen: ServerObservation): readonly Disagreement[] {
  const facts: StatementFacts = statements.read(sql)
  const isControl = facts.control !== null || facts.endsTransaction
  return [
    { fact: 'count', unsafe: true, differs: facts.count !== 1 },
    // What commits by itself is over with the transaction that only reads, and done after it.
    {
      fact: 'reads',
      unsafe: facts.reads,
      differs: !isControl && !facts.ofSession && !seen.commits && !seen.refused && facts.reads !== seen.reads,
    },
    { fact: 'commits', unsafe: !facts.commits, differs: !isControl && facts.commits !== seen.commits },
    {
      fact: 'refusesTransaction',
      unsafe: !facts.refusesTransaction,
      differs: !isControl && facts.refusesTransaction !== seen.refused,
    },
    { fact: 'changesSettings', unsafe: true, differs: seen.changesSettings && !facts.changesSettings },
  ].flatMap(({ differs, ...disagreement }) => (differs ? [disagreement] : []))
}
