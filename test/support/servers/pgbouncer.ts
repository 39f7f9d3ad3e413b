// A throwaway pgbouncer in front of a PostgreSQL, when it is installed on this machine.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { loginToPostgres } from './postgres.js'
import { findProgram, freePort, makeServerFolder, startServer, type Server } from './server.js'

/** Why none can be started here; undefined when it can. */
export function missingForPgbouncer(): string | undefined {
  return findProgram(['pgbouncer']) === undefined ? 'no pgbouncer on PATH' : undefined
}

/** A session of the server is lent for one transaction at a time. */
export async function startPgbouncer(folder: string, postgresUrl: string): Promise<Server> {
  makeServerFolder(folder)
  const target = new URL(postgresUrl)
  const password = target.password === '' ? '' : ` password=${decodeURIComponent(target.password)}`
  const port = await freePort()
  const settings = join(folder, 'pgbouncer.ini')
  writeFileSync(
    settings,
    [
      '[databases]',
      `* = host=${target.hostname} port=${target.port} user=${target.username}${password}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      'pool_mode = transaction',
      'default_pool_size = 10',
      'max_client_conn = 300',
      '',
    ].join('\n'),
    { mode: 0o644 },
  )
  const url = new URL(postgresUrl)
  url.host = `127.0.0.1:${port}`
  return startServer(url.href, {
    command: findProgram(['pgbouncer']) ?? 'pgbouncer',
    args: [settings],
    folder,
    stopSignal: 'SIGINT',
    login: () => loginToPostgres(url.href),
  })
}
