// What a statement does, as far as its text tells: read once, with the lexer of its engine. It decides only what must be
// written down before the statement is sent; what happened is read from the server (`Connection.transactionStatus`).

export interface StatementAnswers {
  /** Reads a text of one or several statements. Linear in its length; never throws. In doubt it errs as each fact says. */
  readonly read: (sql: string) => StatementFacts
  /** Whether Knex would write the number of a placeholder, for which there is no value, into a literal or a quoted name. */
  readonly isDamaged: (sql: string, values: number) => boolean
}

/** Facts of a text. Of several statements: `every` where the fact is a promise, `some` where it is a warning. */
export interface StatementFacts {
  /** How many statements the text has; a routine, trigger or block with its body is one. 0: only comments. */
  readonly count: number
  /** Every statement surely does nothing but answer: it may steer what follows, and is not journalled. In doubt: false. */
  readonly reads: boolean
  /** Every statement only sets up the session (`set`, `use`, `prepare`, `lock tables`): never journalled, sent again when resumed. In doubt: false. */
  readonly ofSession: boolean
  /** What the text does to the transaction when it is one statement of transaction control; else null. */
  readonly control: TransactionControl | null
  /** Some statement begins, commits or rolls back a transaction explicitly (savepoints do not), outside of a body. */
  readonly endsTransaction: boolean
  /** Some statement commits the open transaction by itself. In doubt: true. */
  readonly commits: boolean
  /** What some statement does to the transaction cannot be read from its text: `call`, `do`, `execute`. */
  readonly mayControl: boolean
  /** The server refuses some statement inside a transaction. */
  readonly refusesTransaction: boolean
  /** What some statement makes can be used only after a commit: it ends a group of migrations in one transaction. */
  readonly endsGroup: boolean
  /** Outside a transaction the text does all or nothing: a failed one has surely left nothing. In doubt: false. */
  readonly allOrNothing: boolean
  /** Some statement makes a table that goes with the session. */
  readonly temporary: boolean
  /** Some statement may change settings of the session that outlive the transaction. In doubt: true. */
  readonly changesSettings: boolean
  /** Some statement takes (`take`) or frees (`free`) locks of whole tables for the session: LOCK TABLES of MySQL. */
  readonly tableLocks: 'take' | 'free' | null
  /** It waits long by its nature, and harms nobody by it: no limit of lock waits for it. */
  readonly waitsLong: boolean
}

export type ControlKind = 'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'rollback to'

export interface TransactionControl {
  readonly kind: ControlKind
  /** Of the last three kinds, as the server knows it; null for the others. */
  readonly savepoint: string | null
}

/** A statement that changes something in the open transaction, and of which nothing else is to be said. */
export const plainStatement: StatementFacts = {
  count: 1,
  reads: false,
  ofSession: false,
  control: null,
  endsTransaction: false,
  commits: false,
  mayControl: false,
  refusesTransaction: false,
  endsGroup: false,
  allOrNothing: true,
  temporary: false,
  changesSettings: false,
  tableLocks: null,
  waitsLong: false,
}

/** A text without a statement. */
export const noStatement: StatementFacts = { ...plainStatement, count: 0, reads: true }

/** Facts of a text of SQLite's kind, from those of its statements in their order: outside a transaction each commits by itself. */
export function factsOfText(statements: Iterable<StatementFacts>): StatementFacts {
  let all = noStatement
  for (const one of statements) {
    all = all.count === 0 ? one : { ...together(all, one), count: all.count + one.count, allOrNothing: false }
  }
  return all
}

/** Facts of one after the other: what is a promise of both, and a warning of either. The last one says what becomes of table locks. */
export function together(
  a: Omit<StatementFacts, 'count'>,
  b: Omit<StatementFacts, 'count'>,
): Omit<StatementFacts, 'count'> {
  return {
    reads: a.reads && b.reads,
    ofSession: a.ofSession && b.ofSession,
    control: null,
    endsTransaction: a.endsTransaction || b.endsTransaction,
    commits: a.commits || b.commits,
    mayControl: a.mayControl || b.mayControl,
    refusesTransaction: a.refusesTransaction || b.refusesTransaction,
    endsGroup: a.endsGroup || b.endsGroup,
    allOrNothing: a.allOrNothing && b.allOrNothing,
    temporary: a.temporary || b.temporary,
    changesSettings: a.changesSettings || b.changesSettings,
    tableLocks: b.tableLocks ?? a.tableLocks,
    waitsLong: a.waitsLong || b.waitsLong,
  }
}
