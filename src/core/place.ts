// Place: how a database is named to people. Never holds a user's password, and no other secret.

export type EngineName = 'sqlite' | 'postgres' | 'mysql'

export interface Place {
  readonly engine: EngineName
  /** `null` for SQLite, and for a socket. */
  readonly host: string | null
  readonly port: number | null
  /** The database's name; for SQLite the file as it was written, or `:memory:`. */
  readonly database: string
  /** The environment that was chosen in the configuration. */
  readonly environment: string
}

const titles: Readonly<Record<EngineName, string>> = { sqlite: 'SQLite', postgres: 'PostgreSQL', mysql: 'MySQL' }

/** "PostgreSQL shop at db.example.org:5432 (production)" */
export function describePlace({ engine, host, port, database, environment }: Place): string {
  const at = host === null ? '' : ` at ${host}${port === null ? '' : `:${port}`}`
  return `${titles[engine]} ${database}${at} (${environment})`
}
