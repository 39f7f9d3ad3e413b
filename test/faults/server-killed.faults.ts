// The database server dies of SIGKILL in the middle of a migration, and comes back with what it had written to the disk.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { join } from 'node:path'

import { type Bench, benchOn } from '../runner/workbench.js'
import { mysqlServer } from '../support/engines/mysql.js'
import { postgresServer } from '../support/engines/postgres.js'
import { engineNamed } from '../support/engines.js'
import { startMysql } from '../support/servers/mysql.js'
import { startPostgres } from '../support/servers/postgres.js'
import { readRunReport } from '../support/servers/report.js'
import type { RestartableServer } from '../support/servers/server.js'
import { runToTheEnd } from './support/to-the-end.js'

const servers = {
  postgres: { start: startPostgres, databases: postgresServer, sleep: `knex.raw('select pg_sleep(30)')` },
  mysql: { start: startMysql, databases: mysqlServer, sleep: `knex.raw('select sleep(30)')` },
}

const insert = `  await knex('witness').insert({ revision: 'bbbb' })`
const createTable = `  await knex.schema.createTable('made', (t) => t.integer('id'))`

for (const name of ['postgres', 'mysql'] as const) {
  const engine = engineNamed(name)
  const { start, databases, sleep } = servers[name]
  const describeEngine = engine.skipped === undefined ? describe : describe.skip

  describeEngine(name, () => {
    let server: RestartableServer | undefined
    beforeAll(async () => {
      server = await start(join(readRunReport().folder, `crashing-${name}`), { isDurable: true })
    }, 120_000)
    afterAll(() => server?.stop())

    /** aaaa is applied; the server dies while bbbb is at work, and is there again. */
    async function crashDuring(up: string): Promise<{ bench: Bench; code: number | null; output: string }> {
      if (server === undefined) throw new Error('it did not start')
      const database = await databases(server.url).createDatabase(`crash_${Math.random().toString(36).slice(2)}`)
      const bench = benchOn(engine, database)
      await bench.query('create table witness (revision varchar(10))')
      bench.write({ revision: 'aaaa', up: `  await knex('witness').insert({ revision: 'aaaa' })` })
      bench.write({ revision: 'bbbb', up })
      bench.write({ revision: 'cccc', up: `  await knex('witness').insert({ revision: 'cccc' })` })
      const runner = bench.start('upgrade')
      await runner.waitForOutput(/at work/)
      await new Promise((resolve) => setTimeout(resolve, 200))
      await server.crash()
      bench.project.write('crashed', '')
      const { code } = await runner.exit
      await server.restart()
      return { bench, code, output: runner.output() }
    }

    async function isComplete(bench: Bench): Promise<void> {
      const rows = await bench.query('select revision from witness order by revision')
      expect(rows.map(({ revision }) => revision)).toStrictEqual(['aaaa', 'bbbb', 'cccc'])
      expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied', 'cccc applied'])
    }

    const crashed = `  const { existsSync } = await import('node:fs')
  while (!existsSync('crashed')) await new Promise((resolve) => setTimeout(resolve, 20))`
    const working = `  context.log('at work')`

    test.each([
      ['during a statement', [insert, working, `  await ${sleep}`]],
      ['between two statements', [insert, working, crashed, `  await knex.raw('select 1')`]],
      ['after the last statement', [insert, working, crashed]],
    ])('B4 the server is killed %s: nothing of the migration stays, and the next run completes', async (_, lines) => {
      const { bench, code, output } = await crashDuring(lines.join('\n'))
      expect({ code, output }).toStrictEqual({ code: 8, output: expect.stringMatching(/\[engine\.unreachable\]/) })
      expect(await bench.rows()).toStrictEqual(['aaaa applied'])
      expect(await bench.run('upgrade')).toMatchObject({ code: 0 })
      await isComplete(bench)
    })

    test('B4 the server is killed after DDL: what cannot be taken back is reported, and completed', async () => {
      const lines = [
        createTable,
        insert,
        working,
        crashed,
        `  await knex.schema.alterTable('made', (t) => t.text('x'))`,
      ]
      const { bench, code, output } = await crashDuring(lines.join('\n'))
      expect({ code, output }).toStrictEqual(
        name === 'postgres'
          ? { code: 8, output: expect.stringMatching(/\[engine\.unreachable\]/) }
          : { code: 6, output: expect.stringMatching(/bbbb[^]*\[partial\./) },
      )
      expect(await bench.rows()).toStrictEqual(
        name === 'postgres' ? ['aaaa applied'] : ['aaaa applied', 'bbbb running'],
      )
      const typed = await runToTheEnd((args) => bench.run(...args))
      expect(typed).toHaveLength(name === 'postgres' ? 1 : 2)
      await isComplete(bench)
      expect(await bench.query('select id, x from made')).toStrictEqual([])
    })
  })
}
