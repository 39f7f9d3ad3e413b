// How the tables of mig look in an engine.

/** How the tables of mig look in this engine. */
export interface TableAnswers {
  readonly quote: (name: string) => string
  /** Statements that make all tables that are missing, to be run in one transaction; several runs may do so at once. The table of the state gets its `mark`, where that is part of it. */
  readonly create: (names: TableNames, mark: string) => readonly string[]
  /** The statement that gives the mark to the table of the state, for whoever writes its row; null where it has it already. */
  readonly mark: (names: TableNames, mark: string) => string | null
  /** The database's clock, now. */
  readonly now: string
  /** A question mark for a number that stands in a `select`: some engines take it for a text there. */
  readonly number: string
  /** A column of times → a text in ISO 8601, UTC. */
  readonly timeAsText: (column: string) => string
  /** Seconds from the time in a column to now, by the database's clock; with fractions. */
  readonly secondsSince: (column: string) => string
}

/** Full and quoted, ready for SQL. */
export interface TableNames {
  readonly state: string
  readonly history: string
  readonly journal: string
}
