// A throwaway Galera cluster of three MariaDB nodes, when MariaDB and Galera are installed on this machine.

import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import mysql from 'mysql2/promise'

import { firstStatements, forgetful, initializeMariadb, settings } from './mysql.js'
import { findProgram, freePort, makeServerFolder, runToEnd, startServer, type RestartableServer } from './server.js'

export interface Cluster {
  /** Of the nodes; each may create databases. */
  readonly urls: readonly string[]
  /** Kills a node, as `kill -9` does. */
  crash(index: number): Promise<void>
  stop(): Promise<void>
}

const library = '/usr/lib/galera/libgalera_smm.so'

/** Why no cluster can be started here; undefined when it can. */
export function missingForGalera(): string | undefined {
  if (findProgram(['mariadbd']) === undefined) return 'no mariadbd on PATH'
  if (findProgram(['mariadb-install-db']) === undefined) return 'no mariadb-install-db on PATH'
  return existsSync(library) ? undefined : `no ${library}: install galera-4`
}

/** The nodes begin with copies of one data folder, so that no state has to be transferred. */
export async function startGalera(folder: string): Promise<Cluster> {
  makeServerFolder(folder)
  copyFileSync(fileURLToPath(new URL('./wsrep_sst_same', import.meta.url)), join(folder, 'wsrep_sst_same'))
  const names = ['one', 'two', 'three']
  const addresses = await Promise.all(names.map(async () => `127.0.0.1:${await freePort()}`))
  const template = await makeTemplate(folder)
  const nodes: RestartableServer[] = []
  for (const [index, name] of names.entries()) {
    makeServerFolder(join(folder, name))
    await runToEnd('cp', ['-a', template, join(folder, name, 'data')])
    const args = await memberArguments({ name, address: addresses[index] ?? '', addresses })
    nodes.push(await startMember(folder, join(folder, name), args))
  }
  return {
    urls: nodes.map(({ url }) => url),
    crash: async (index) => nodes[index]?.crash(),
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  }
}

/** The data of a cluster of one node that ended in good order: it knows the cluster's state, and so do its copies. */
async function makeTemplate(folder: string): Promise<string> {
  const home = makeServerFolder(join(folder, 'template'))
  const data = makeServerFolder(join(home, 'data'))
  await initializeMariadb(data)
  const initFile = join(home, 'init.sql')
  writeFileSync(initFile, firstStatements, { mode: 0o644 })
  const address = `127.0.0.1:${await freePort()}`
  const args = await memberArguments({ name: 'template', address, addresses: [address] })
  const first = await startMember(folder, home, [...args, `--init-file=${initFile}`])
  await first.stop()
  return data
}

interface Node {
  readonly name: string
  readonly address: string
  readonly addresses: readonly string[]
}

/** The first of the addresses founds the cluster. */
async function memberArguments({ name, address, addresses }: Node): Promise<readonly string[]> {
  const provider = [
    `gmcast.listen_addr=tcp://${address}`,
    `ist.recv_addr=127.0.0.1:${await freePort()}`,
    'gcache.size=8M',
    'pc.recovery=no',
  ]
  return [
    ...['--binlog-format=ROW', '--innodb-autoinc-lock-mode=2', '--wsrep-on=ON', `--wsrep-provider=${library}`],
    ...['--wsrep-cluster-name=mig', `--wsrep-cluster-address=gcomm://${addresses.join(',')}`],
    ...[`--wsrep-node-name=${name}`, `--wsrep-node-address=${address}`, '--wsrep-sst-method=same'],
    `--wsrep-provider-options=${provider.join(';')}`,
    ...(address === addresses[0] ? ['--wsrep-new-cluster'] : []),
  ]
}

/** `programs` has the state transfer. */
async function startMember(programs: string, folder: string, args: readonly string[]): Promise<RestartableServer> {
  const port = await freePort()
  const url = `mysql://mig:mig@127.0.0.1:${port}/`
  return startServer(url, {
    command: findProgram(['mariadbd']) ?? 'mariadbd',
    args: [
      ...['--no-defaults', `--datadir=${join(folder, 'data')}`, `--port=${port}`],
      ...[`--socket=${join(folder, 'socket')}`, `--pid-file=${join(folder, 'pid')}`, `--tmpdir=${folder}`],
      ...[...settings, ...forgetful, ...args],
    ],
    folder,
    programs,
    stopSignal: 'SIGTERM',
    login: () => loginToMember(url),
  })
}

/** Before it has joined the cluster, a node lets people in and refuses their statements. */
async function loginToMember(url: string): Promise<void> {
  const connection = await mysql.createConnection(url)
  try {
    await connection.query('select count(*) from mysql.user')
  } finally {
    await connection.end()
  }
}
