// Whom a session waits for is reported, where the server knows it.

import { describe, expect, test } from '@jest/globals'

import type { OtherSession } from '../../src/engines/contract/activity.js'
import { engineNamed, type EngineName } from '../support/engines.js'
import { errorFrom, openOn, pause, until } from './connections.js'
import { withMysqlUser } from './provocations.js'

const waits = [
  { what: 'a table', holding: 'update t set a = 2', waiting: 'alter table t add b int' },
  { what: 'a row', holding: 'update t set a = 2', waiting: 'update t set a = 3' },
  { what: 'a row that is not committed', holding: 'insert into t values (3)', waiting: 'insert into t values (3)' },
]

export function activity(name: EngineName): void {
  const engine = engineNamed(name)
  const describeEngine = engine.skipped === undefined ? describe : describe.skip

  describeEngine(`${name}: what others do`, () => {
    test('no two sessions have the same name', async () => {
      const database = await engine.createDatabase()
      const [first, second] = [await openOn(database), await openOn(database)]
      const ids = [
        await first.engine.activity.connectionId(first.connection),
        await second.engine.activity.connectionId(second.connection),
      ]
      if (name === 'sqlite') expect(ids).toStrictEqual([null, null])
      else expect(new Set(ids).size).toBe(2)
      expect(await first.engine.activity.connectionId(first.connection)).toBe(ids[0])
    })

    test.each(['', '0', '1/2', 'nonsense'])('of a session that is not there nothing is reported: "%s"', async (id) => {
      const { engine: own, connection } = await openOn(await engine.createDatabase())
      expect(await own.activity.statementOf(connection, id)).toBeNull()
      expect(await own.activity.blockers(connection, id)).toStrictEqual([])
    })

    if (name !== 'sqlite')
      test.each(waits)('whom one waits for: $what', async ({ holding, waiting }) => {
        const database = await engine.createDatabase()
        const [{ engine: own, connection: first }, { connection: second }, { connection: onlooker }] = [
          await openOn(database),
          await openOn(database),
          await openOn(database),
        ]
        await first.query('create table t (a int primary key)')
        await first.query('insert into t values (1)')
        const id = String(await own.activity.connectionId(second))
        expect(await own.activity.blockers(onlooker, id)).toStrictEqual([])
        await first.query('begin')
        await first.query(holding)
        const running = errorFrom(() => second.query(waiting))
        let blockers: readonly OtherSession[] = []
        await until(async () => {
          await pause(200) // MariaDB answers from a cache as long as it is asked every 0.1 s
          blockers = await own.activity.blockers(onlooker, id)
          return blockers.length > 0
        })
        const firstId = String(await own.activity.connectionId(first)).split('/')[0]
        expect(blockers).toHaveLength(1)
        expect(blockers[0]?.session).toMatch(
          name === 'postgres'
            ? new RegExp(`^server process ${firstId} \\(mig, \\w+, [\\d.]+(/32)?\\)$`)
            : new RegExp(`^(perhaps )?connection ${firstId} of mig@\\S+$`),
        )
        expect(blockers[0]).toMatchObject({
          state: name === 'postgres' ? 'idle in transaction' : 'idle',
          forS: expect.any(Number),
        })
        if (name === 'postgres') expect(blockers[0]?.statement).toBe(holding)
        const waiters = await own.activity.waiters(onlooker, String(await own.activity.connectionId(first)))
        expect(waiters.map(({ session }) => session)).toStrictEqual([
          expect.stringContaining(name === 'postgres' ? `process ${id.split('/')[0]} ` : `connection ${id} of mig@`),
        ])
        if (name === 'postgres') expect(waiters[0]).toMatchObject({ state: 'active', statement: waiting })
        await first.query('rollback')
        expect(await running).toBeNull()
        await pause(200)
        expect(await own.activity.blockers(onlooker, id)).toStrictEqual([])
        expect(await own.activity.waiters(onlooker, String(await own.activity.connectionId(first)))).toStrictEqual([])
      })

    if (name === 'mysql')
      test('who may see nothing gets no error', async () => {
        const database = await engine.createDatabase()
        const { engine: own, connection } = await openOn(database)
        const id = String(await own.activity.connectionId(connection))
        await withMysqlUser(database, `select on \`${database.name}\`.*`, async (url) => {
          const { connection: other } = await openOn(url)
          expect(await own.activity.blockers(other, id)).toStrictEqual([])
          expect(await own.activity.statementOf(other, id)).toBeNull()
          await other.close()
        })
      })
  })
}
