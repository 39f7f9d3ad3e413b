// What a measurement needs of an engine: fresh databases, copies of them, and a look at what a tool did.

export const engineNames = ['sqlite', 'postgres'] as const

export type EngineName = (typeof engineNames)[number]

export interface Database {
  readonly engine: EngineName
  /** A file of SQLite, or the name of a database. */
  readonly name: string
  /** As mig and the drivers read it: `sqlite:/path` or `postgres://…`. */
  readonly url: string
}

export interface Databases {
  readonly engine: EngineName
  readonly version: string
  /** Empty. Of SQLite there is no file yet. */
  create(): Promise<Database>
  copy(database: Database): Promise<Database>
  drop(database: Database): Promise<void>
  /** How many tables of the chain it has. */
  countTables(database: Database): Promise<number>
  close(): Promise<void>
}

/** What projects read in their configuration. */
export function environmentOf({ engine, name, url }: Database): Record<string, string> {
  return engine === 'sqlite' ? { DATABASE_FILE: name } : { DATABASE_URL: url }
}
