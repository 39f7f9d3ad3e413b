// A throwaway MariaDB or MySQL, when its server program is installed on this machine.

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import mysql from 'mysql2/promise'

import {
  findProgram,
  freePort,
  makeServerFolder,
  runToEnd,
  startServer,
  type RestartableServer,
  type ServerOptions,
} from './server.js'

// It is thrown away: nothing has to survive a crash of the machine.
export const forgetful = ['--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=OFF']

/** For MySQL and MariaDB alike. */
export const settings = [
  '--innodb-buffer-pool-size=64M',
  '--innodb-buffer-pool-load-at-startup=OFF',
  '--skip-log-bin',
  '--max-connections=300',
  '--character-set-server=utf8mb4',
  '--bind-address=127.0.0.1',
  '--skip-name-resolve',
]

/** A user whom the tests log in as. */
export const firstStatements = `
CREATE USER IF NOT EXISTS 'mig'@'%' IDENTIFIED BY 'mig';
GRANT ALL ON *.* TO 'mig'@'%' WITH GRANT OPTION;
`

export async function startMysql(folder: string, options: ServerOptions = {}): Promise<RestartableServer> {
  const command = findProgram(['mariadbd', 'mysqld'])
  if (command === undefined) throw new Error('no mariadbd or mysqld on PATH')
  makeServerFolder(folder)
  const isMariadb = String(spawnSync(command, ['--version']).stdout).includes('MariaDB')
  const data = makeServerFolder(join(folder, 'data'))
  await (isMariadb
    ? initializeMariadb(data)
    : runToEnd(command, ['--no-defaults', '--initialize-insecure', `--datadir=${data}`]))
  const initFile = join(folder, 'init.sql')
  writeFileSync(initFile, firstStatements, { mode: 0o644 })
  const port = await freePort()
  const url = `mysql://mig:mig@127.0.0.1:${port}/`
  return startServer(url, {
    command,
    args: [
      ...['--no-defaults', `--datadir=${data}`, `--init-file=${initFile}`, `--port=${port}`],
      ...[`--socket=${join(folder, 'socket')}`, `--pid-file=${join(folder, 'pid')}`, `--tmpdir=${folder}`],
      ...settings,
      ...(options.isDurable === true ? [] : forgetful),
      ...(isMariadb ? [] : ['--mysqlx=OFF', '--secure-file-priv=NULL']),
      ...(options.settings ?? []),
    ],
    folder,
    stopSignal: 'SIGKILL', // an orderly shutdown takes seconds, for data that is removed next
    login: () => loginToMysql(url),
  })
}

/** Fills an empty folder with the system's tables. A server that starts removes temporary tables of others, where it finds any. */
export async function initializeMariadb(data: string): Promise<void> {
  const command = findProgram(['mariadb-install-db', 'mysql_install_db'])
  if (command === undefined) throw new Error('no mariadb-install-db on PATH')
  await runToEnd(command, [
    ...['--no-defaults', `--datadir=${data}`, `--tmpdir=${data}`],
    ...['--auth-root-authentication-method=normal', '--skip-test-db'],
  ])
}

export async function loginToMysql(url: string): Promise<void> {
  const connection = await mysql.createConnection(url)
  await connection.end()
}
