// What every engine must be able to do, asked of a real database. A test file of three lines runs it for one engine.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, describe, expect, test } from '@jest/globals'

import type { Connection } from '../../src/engines/contract/connection.js'
import type { Engine } from '../../src/engines/contract/engine.js'
import type { DriverErrorKind } from '../../src/engines/contract/errors.js'
import { type Database, engineNamed, type EngineName } from '../support/engines.js'
import { readRunReport } from '../support/servers/report.js'
import { built } from '../support/built.js'
import { connectionTo, errorFrom, newKey, openOn, pause, until } from './connections.js'
import { provocations, withMysqlUser } from './provocations.js'

const children: ChildProcess[] = []

async function isMine({ lock }: Engine, connection: Connection, key: string): Promise<boolean> {
  const answer = lock.isMine(connection, key)
  if (typeof answer === 'boolean') return answer
  const { rows } = await connection.query(`select ${answer.sql} as mine`, answer.values)
  return Boolean(Number(rows[0]?.mine))
}

export function conformance(name: EngineName): void {
  const engine = engineNamed(name)
  const describeEngine = engine.skipped === undefined ? describe : describe.skip

  afterAll(() => {
    for (const child of children) child.kill('SIGKILL')
  })

  describeEngine(`${name}: a connection`, () => {
    test('brings values there and back, wherever their question marks stand', async () => {
      const { connection } = await openOn(await engine.createDatabase())
      await connection.query('create table thing (a varchar(100), b integer, c varchar(200))')
      const text = `it's "quoted" \`so\` \\ back?slash % \n 🦊 Ünïcödé 漢字`
      const { affected } = await connection.query('insert into thing (b, a, c) values (?, ?, ?)', [7, text, null])
      expect(affected).toBe(1)
      const { rows } = await connection.query('select a as a, b as b, c as c from thing where b = ? and a = ?', [
        7,
        text,
      ])
      expect(rows.map((row) => ({ ...row }))).toStrictEqual([{ a: text, b: 7, c: null }])
      expect((await connection.query('update thing set c = ? where b > ?', ['x', 100])).affected).toBe(0)
      expect((await connection.query('update thing set c = ? where b = ?', [null, 7])).affected).toBe(1)
    })

    test('says what it is connected to', async () => {
      const database = await engine.createDatabase()
      const { engine: own, connection } = await openOn(database)
      const { schema, readOnly, version, ...session } = await own.greet(connection)
      expect(readOnly).toBeNull()
      expect(session).toStrictEqual({ silence: null, weakLock: null, keepsSession: true, hasSeveralClocks: false })
      expect(version).toMatch(/^(SQLite|PostgreSQL|MySQL|MariaDB) \d+\.\d+/)
      expect(schema).toBe({ sqlite: 'main', postgres: 'public', mysql: database.name }[name])
      expect(connection.lost()).toBeNull()
    })

    test('rolls DDL back, or not, as it says', async () => {
      const { engine: own, connection } = await openOn(await engine.createDatabase())
      await connection.query('begin')
      await connection.query('create table thing (a integer)')
      await connection.query('rollback')
      const found = await errorFrom(() => connection.query('select * from thing'))
      expect(found === null ? 'it stays' : own.describe(found).kind).toBe(
        own.transactionalDdl ? 'missing-table' : 'it stays',
      )
    })

    // A statement runs in this very thread: there is no outside.
    if (name !== 'sqlite')
      test('is cancelled from outside', async () => {
        const { connection } = await openOn(await engine.createDatabase())
        const running = errorFrom(() =>
          connection.query(name === 'postgres' ? 'select pg_sleep(300)' : 'select sleep(300)'),
        )
        await pause(100)
        await connection.cancel()
        await running
        expect(connection.lost()).toBeNull()
        await connection.query('select 1 as one')
      })

    test('a cancel without a statement harms nothing', async () => {
      const { connection } = await openOn(await engine.createDatabase())
      await connection.cancel()
      await connection.query('select 1 as one')
    })

    test('a connection that is closed twice, or was never open, is no error', async () => {
      const { connection } = await openOn(await engine.createDatabase())
      await connection.close()
      await connection.close().catch(() => undefined)
      const never = await connectionTo((await engine.createDatabase()).url)
      await never.connection.close().catch(() => undefined)
    })
  })

  describeEngine(`${name}: the lock`, () => {
    test('has one holder at a time, and is free after it', async () => {
      const database = await engine.createDatabase()
      const key = newKey()
      const [{ engine: own, connection: first }, { connection: second }] = [
        await openOn(database),
        await openOn(database),
      ]
      expect(await own.lock.holder(second, key)).toBeNull()
      expect(await own.lock.tryLock(first, key, 'the first')).toBe(true)
      expect(await own.lock.tryLock(second, key, 'the second')).toBe(false)
      expect(await own.lock.tryLock(second, key, 'the second')).toBe(false)
      expect(await own.lock.holder(second, key)).not.toBeNull()
      expect(await own.lock.tryLock(second, key, 'the second')).toBe(false)
      await own.lock.unlock(first, key)
      expect(await own.lock.tryLock(second, key, 'the second')).toBe(true)
      await own.lock.unlock(second, key)
      expect(await own.lock.holder(first, key)).toBeNull()
    })

    test('is free when the connection of its holder closes', async () => {
      const database = await engine.createDatabase()
      const key = newKey()
      const { engine: own, connection: first } = await openOn(database)
      const { connection: second } = await openOn(database)
      await own.lock.tryLock(first, key, 'the first')
      if (name !== 'sqlite') {
        await first.close()
        await until(() => own.lock.tryLock(second, key, 'the second'))
      }
    })

    test('is reported from the locks of others, and from none', async () => {
      const database = await engine.createDatabase()
      const key = newKey()
      const { engine: own, connection: first } = await openOn(database)
      const { connection: second } = await openOn(database)
      expect(await isMine(own, first, key)).toBe(false)
      await own.lock.tryLock(first, key, 'the first')
      expect(await isMine(own, first, key)).toBe(true)
      expect(await isMine(own, second, key)).toBe(false)
      if (name === 'mysql') await first.query('select release_all_locks()')
      else if (name === 'postgres') await first.query('select pg_advisory_unlock_all()')
      else await own.lock.unlock(first, key)
      expect(await isMine(own, first, key)).toBe(false)
    })

    // There is no server to ask.
    if (name !== 'sqlite')
      test('tells what its holder executes', async () => {
        const database = await engine.createDatabase()
        const key = newKey()
        const { engine: own, connection: first } = await openOn(database)
        const { connection: second } = await openOn(database)
        await own.lock.tryLock(first, key, 'the first')
        const sleep = name === 'postgres' ? 'select pg_sleep(20)' : 'select sleep(20)'
        const running = errorFrom(() => first.query(`${sleep}\n -- and so on`))
        await until(async () => (await own.lock.holder(second, key))?.statement !== null)
        const holder = await own.lock.holder(second, key)
        expect(holder).toMatchObject({ statement: `${sleep} -- and so on`, statementForS: expect.any(Number) })
        expect(await own.activity.statementOf(second, String(holder?.connection))).toBe(holder?.statement)
        await first.cancel()
        await running
        expect(await own.activity.connectionId(first)).toBe(holder?.connection)
        expect(await own.activity.statementOf(second, String(holder?.connection))).toBeNull()
      })

    test('survives transactions of its holder', async () => {
      const database = await engine.createDatabase()
      const key = newKey()
      const { engine: own, connection: first } = await openOn(database)
      const { connection: second } = await openOn(database)
      await own.lock.tryLock(first, key, 'the first')
      for (const end of ['commit', 'rollback']) {
        await first.query('begin')
        await first.query(`create table t_${end} (a integer)`)
        await first.query(end)
      }
      expect(await own.lock.tryLock(second, key, 'the second')).toBe(false)
      await own.lock.unlock(first, key)
    })

    test('holds between processes, tells who holds it, and is free after kill -9', async () => {
      const database = await engine.createDatabase()
      const key = newKey()
      const child = await holding(database, key)
      const { engine: own, connection } = await openOn(database)
      expect(await own.lock.tryLock(connection, key, 'this one')).toBe(false)
      const holder = await own.lock.holder(connection, key)
      expect(holder).toMatchObject({ statement: null, statementForS: null })
      expect(holder?.label).toBe(name === 'mysql' ? null : `test child ${child.pid}`)
      expect(holder?.session ?? '').toMatch(
        {
          sqlite: /^$/,
          postgres: /^server process \d+ from 127\.0\.0\.1\S*$/,
          mysql: /^connection \d+ of \w+@\S+$/,
        }[name],
      )
      child.kill('SIGKILL')
      await until(() => own.lock.tryLock(connection, key, 'this one'))
      await own.lock.unlock(connection, key)
    })

    test('a holder that was killed is no holder', async () => {
      const database = await engine.createDatabase()
      const key = newKey()
      const child = await holding(database, key)
      const { engine: own, connection } = await openOn(database)
      child.kill('SIGKILL')
      await until(async () => (await own.lock.holder(connection, key)) === null)
      expect(await own.lock.tryLock(connection, key, 'this one')).toBe(true)
      await own.lock.unlock(connection, key)
    })

    if (name === 'mysql')
      test('a holder of another user is reported, if only by its number', async () => {
        const database = await engine.createDatabase()
        const key = newKey()
        const { engine: own, connection } = await openOn(database)
        await own.lock.tryLock(connection, key, 'this one')
        await withMysqlUser(database, `select on \`${database.name}\`.*`, async (url) => {
          const { connection: other } = await openOn(url)
          expect((await own.lock.holder(other, key))?.session).toMatch(/^connection \d+ of another user$/)
          await other.close()
        })
      })

    // MySQL frees it with the statement's end; MariaDB at once; SQLite with the process.
    if (name === 'postgres')
      test('is free soon after kill -9 in the midst of a statement', async () => {
        const database = await engine.createDatabase()
        const key = newKey()
        const child = await holding(database, key, 'select pg_sleep(300)')
        const { engine: own, connection } = await openOn(database)
        await pause(100)
        child.kill('SIGKILL')
        await until(() => own.lock.tryLock(connection, key, 'this one'), 8000)
      })

    test('8 processes at once are never two inside', async () => {
      const database = await engine.createDatabase()
      const folder = mkdtempSync(join(readRunReport().folder, 'count-'))
      const file = join(folder, 'count')
      writeFileSync(file, '0')
      const key = newKey()
      const codes = await Promise.all(
        Array.from({ length: 8 }, () => ended(startChild('count', database.url, key, file, '2'))),
      )
      expect(codes).toStrictEqual(Array.from({ length: 8 }, () => 0))
      expect(readFileSync(file, 'utf8')).toBe('16')
    })
  })

  describeEngine(`${name}: errors`, () => {
    test.each(provocations[name])('are known: $kind ($how)', async ({ kind, provoke, codes }) => {
      const database = await engine.createDatabase()
      const { error, own } = await provoke({
        database,
        openOn: (setting) => openOn(setting ?? database.url),
        connectionTo,
      })
      expect(error).not.toBeNull()
      const described = own.describe(error)
      expect(described).toMatchObject({ kind: kind satisfies DriverErrorKind })
      if (codes !== undefined) expect(described.code).toMatch(codes)
      expect(described.message).not.toBe('')
      expect(JSON.stringify(described)).not.toContain('geheim')
    })

    test('whatever is thrown, describe answers', async () => {
      const { engine: own } = await connectionTo((await engine.createDatabase()).url)
      for (const thrown of [null, undefined, 'text', 7, {}, new Error(''), Object.create(null), { code: 7 }])
        expect(own.describe(thrown).kind).toBe('other')
    })

    if (name !== 'sqlite')
      test('a connection that the server ended says so, and breaks nothing else', async () => {
        const database = await engine.createDatabase()
        const { engine: own, connection } = await openOn(database)
        const identity = name === 'postgres' ? 'pg_backend_pid()' : 'connection_id()'
        const { rows } = await connection.query(`select ${identity} as id`)
        const id = String(rows[0]?.id)
        await database.query(name === 'postgres' ? `select pg_terminate_backend(${id})` : `kill ${id}`)
        await until(() => Promise.resolve(connection.lost() !== null))
        expect(own.describe(await errorFrom(() => connection.query('select 1 as one'))).kind).toBe('lost')
        await connection.close().catch(() => undefined)
      })

    if (name !== 'sqlite')
      test('the server ends the connection in the midst of a statement', async () => {
        const database = await engine.createDatabase()
        const { engine: own, connection } = await openOn(database)
        const identity = name === 'postgres' ? 'pg_backend_pid()' : 'connection_id()'
        const id = String((await connection.query(`select ${identity} as id`)).rows[0]?.id)
        const running = errorFrom(() =>
          connection.query(name === 'postgres' ? 'select pg_sleep(20)' : 'select sleep(20)'),
        )
        await pause(100)
        await database.query(name === 'postgres' ? `select pg_terminate_backend(${id})` : `kill ${id}`)
        expect(own.describe(await running).kind).toBe('lost')
        await until(() => Promise.resolve(connection.lost() !== null))
      })
  })

  if (name === 'sqlite') describeEngine('sqlite: files', sqliteFiles)

  function sqliteFiles(): void {
    test('the lock leaves no file behind', async () => {
      const database = await engine.createDatabase()
      const { engine: own, connection } = await openOn(database)
      const lockFile = `${pathOf(database)}-mig-lock`
      await own.lock.tryLock(connection, newKey(), 'this one')
      expect(existsSync(lockFile)).toBe(true)
      await own.lock.unlock(connection, newKey())
      for (const suffix of ['', '-journal', '-wal', '-shm']) expect(existsSync(lockFile + suffix)).toBe(false)
    })

    test('the file of a lock whose holder was killed is harmless', async () => {
      const database = await engine.createDatabase()
      const child = await holding(database, newKey())
      child.kill('SIGKILL')
      await ended(child)
      expect(existsSync(`${pathOf(database)}-mig-lock`)).toBe(true)
      const { engine: own, connection } = await openOn(database)
      expect(await own.lock.holder(connection, newKey())).toBeNull()
      expect(await own.lock.tryLock(connection, newKey(), 'this one')).toBe(true)
      await own.lock.unlock(connection, newKey())
      expect(existsSync(`${pathOf(database)}-mig-lock`)).toBe(false)
    })

    test.each(['', 'this is no database at all, and long enough to be told from one'.repeat(20)])(
      'a lock file with something else in it does not stop a run for good: "%.10s"',
      async (text) => {
        const database = await engine.createDatabase()
        writeFileSync(`${pathOf(database)}-mig-lock`, text)
        const { engine: own, connection } = await openOn(database)
        // What is no database is taken away by the first try.
        const tries = [0, 1].map(() => own.lock.tryLock(connection, newKey(), 'this one'))
        expect(await Promise.all(tries)).toContain(true)
        expect((await own.lock.holder(connection, newKey()))?.label).toBe('this one')
        await own.lock.unlock(connection, newKey())
      },
    )

    test('two sessions in one process: looking at the lock does not free it', async () => {
      const database = await engine.createDatabase()
      const { engine: own, connection: first } = await openOn(database)
      const { connection: second } = await openOn(database)
      await own.lock.tryLock(first, newKey(), 'the first')
      await own.lock.holder(second, newKey())
      expect(await own.lock.tryLock(second, newKey(), 'the second')).toBe(false)
      const child = startChild('hold', database.url, newKey())
      expect(await ended(child)).not.toBe(0)
      await own.lock.unlock(first, newKey())
    })

    test('whoever looks creates no file', async () => {
      const database = await engine.createDatabase()
      await database.drop()
      const { engine: own, connection } = await openOn(database.url, 'look')
      expect((await own.greet(connection)).readOnly).toBeNull()
      expect(await own.lock.holder(connection, newKey())).toBeNull()
      await connection.close()
      expect(existsSync(pathOf(database))).toBe(false)
      expect(existsSync(`${pathOf(database)}-mig-lock`)).toBe(false)
    })

    test('a file that may not be written is reported', async () => {
      const database = await engine.createDatabase()
      const setting = {
        client: 'better-sqlite3',
        connection: { filename: pathOf(database), options: { readonly: true } },
      }
      const { engine: own, connection } = await openOn(setting)
      expect((await own.greet(connection)).readOnly).toContain('read-only')
    })
  }
}

/** A child that has taken the lock. */
async function holding(database: Database, key: string, ...statement: readonly string[]): Promise<ChildProcess> {
  const child = startChild('hold', database.url, key, ...statement)
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve())
    child.once('exit', (code) => reject(new Error(`the child ended with ${code}`)))
  })
  return child
}

let program: string | undefined

function startChild(...args: readonly string[]): ChildProcess {
  program ??= fileURLToPath(built('test/engines/lock-child.ts'))
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  children.push(child)
  return child
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode)
  return new Promise((resolve) => child.once('exit', resolve))
}

function pathOf(database: Database): string {
  return decodeURIComponent(database.url.slice('sqlite:'.length))
}
