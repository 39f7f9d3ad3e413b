// A fresh, empty database of one engine, and a look into it through the engine's plain driver: independent of the tool.

export type Row = Record<string, unknown>

export interface Connection {
  /**
   * Bindings are marked as the driver does: `$1` on PostgreSQL, `?` elsewhere. Without bindings `sql` may hold several
   * statements; the rows are then those of the last one on PostgreSQL and MySQL, and none on SQLite.
   */
  query(sql: string, bindings?: readonly unknown[]): Promise<Row[]>
  close(): Promise<void>
}

export interface Database {
  /** How it is named to the tool: `sqlite:/folder/name.sqlite3`, `postgres://…`, `mysql://…`. */
  readonly url: string
  readonly name: string
  /** One statement on a connection of its own. */
  query(sql: string, bindings?: readonly unknown[]): Promise<Row[]>
  /** A session that stays, for locks and transactions. Closed by `drop` at the latest, in whatever state it is. */
  connect(): Promise<Connection>
  /** Removes the database, ending every session in it. A second time does nothing. */
  drop(): Promise<void>
}

export interface DatabaseServer {
  /** `name` may hold any character that the engine allows. */
  createDatabase(name: string): Promise<Database>
}

/** What an engine has to say for a Database. */
interface Parts {
  url: string
  name: string
  open: () => Promise<Connection>
  remove: () => Promise<void>
}

export function database({ url, name, open, remove }: Parts): Database {
  const sessions: Promise<Connection>[] = []
  let dropped: Promise<void> | undefined
  return {
    url,
    name,
    async query(sql, bindings) {
      const connection = await open()
      try {
        return await connection.query(sql, bindings)
      } finally {
        await connection.close()
      }
    },
    connect() {
      const session = dropped ? Promise.reject<Connection>(new Error(`${name} was dropped`)) : open()
      sessions.push(session)
      return session
    },
    drop() {
      dropped ??= Promise.allSettled(sessions.map(closeSession)).then(remove)
      return dropped
    },
  }
}

/** Also one that is still being opened. */
async function closeSession(session: Promise<Connection>): Promise<void> {
  await (await session).close()
}
