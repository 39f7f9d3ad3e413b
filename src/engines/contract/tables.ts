// How the tables of mig look in an engine.

/** How the tables of mig look in this engine. */
export interface TableAnswers {
  readonly quote: (name: string) => string
  /** Statements that make all tables that are missing, to be run in one transaction; several runs may do so at once. */
  readonly create: (names: TableNames) => readonly string[]
  /** The database's clock, now. */
  readonly now: string
  /** A column of times → a text in ISO 8601, UTC. */
  readonly timeAsText: (column: string) => string
}

/** Full and quoted, ready for SQL. */
export interface TableNames {
  readonly state: string
  readonly history: string
  readonly journal: string
}
