// Large sources, imports and statements: applied, or an error that names the limit of the server.

import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

import { comparable, keptModules, keptText, textKept } from '../../src/history/kept-source.js'
import { mysqlServer } from '../support/engines/mysql.js'
import { engineNamed } from '../support/engines.js'
import { startMysql } from '../support/servers/mysql.js'
import { readRunReport } from '../support/servers/report.js'
import type { Server } from '../support/servers/server.js'
import { randomNumbers } from '../support/random.js'
import { type Bench, benchOn, errorOf, table } from './workbench.js'

/** Cannot be made much shorter. */
function noise(length: number): string {
  const random = randomNumbers(7)
  return Array.from({ length: length / 8 }, () => random().toString(36).padEnd(10, '0').slice(2, 10)).join('')
}

describe('what the history keeps', () => {
  test.each([
    ['short', 'plain'],
    ['x'.repeat(5_000_000), 'gzip:'],
    ['gzip:is a text', 'sha256:|gzip:'],
    [noise(2_000_000), 'sha256:'],
  ])('%.20s… is %s', (text, form) => {
    const kept = keptText(text)
    expect(kept.length).toBeLessThanOrEqual(1_000_000)
    if (form === 'plain') expect(kept).toBe(text)
    else expect(kept).toMatch(new RegExp(`^(${form})`))
    expect(textKept(kept)).toBe(kept.startsWith('sha256:') ? null : text)
  })

  test('of modules the longest are kept by their hash, which tells whether they are the same', () => {
    const [small, large] = ['export default 1\n', noise(3_000_000)]
    const kept = JSON.parse(textKept(keptModules({ small, large }) ?? '') ?? '') as Record<string, string>
    expect(kept.small).toBe(small)
    expect(comparable(kept.large ?? null, large)).toBe(large)
    expect(comparable(kept.large ?? null, `${large}x`)).toMatch(
      /^\(sha256:[0-9a-f]{64} \(3000000 characters\): too long/,
    )
  })
})

const mysql = engineNamed('mysql')
const describeMysql = mysql.skipped === undefined ? describe : describe.skip

describeMysql('a server that takes 4 MB at once', () => {
  let server: Server
  beforeAll(async () => {
    server = await startMysql(join(readRunReport().folder, 'mysql-of-4-mb'), {
      settings: ['--max-allowed-packet=4M'],
    })
  }, 180_000)
  afterAll(() => server.stop())

  async function bench(name: string): Promise<Bench> {
    return benchOn(mysql, await mysqlServer(server.url).createDatabase(name))
  }

  test('an import of 9 MB, and a migration of 3 MB', async () => {
    const given = await bench('imports')
    given.project.write('cities.mjs', `export default ${JSON.stringify(noise(9_000_000))}\n`)
    given.project.write(
      'migrations/001_aaaa.mjs',
      `import cities from '../cities.mjs'
/** cities */
export const revision = 'aaaa'
export const downRevision = null
export const up = (knex) => knex.raw('create table aaaa (length bigint)').then(() => knex('aaaa').insert({ length: cities.length }))
export const down = (knex) => knex.raw('drop table aaaa')
`,
    )
    given.write(
      table('bbbb', {
        down: 'aaaa',
        message: 'x',
        up: `  // ${noise(3_000_000)}\n  await knex.raw('create table bbbb (id integer)')`,
      }),
    )
    await given.upgrade()
    expect(await given.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
    expect(await given.query('select length from aaaa')).toStrictEqual([{ length: 9_000_000 }])
    expect((await given.check()).diagnostics).toEqual([])
    expect(await given.upgrade()).toMatchObject({ steps: [] })
  }, 120_000)

  test('many long statements in one transaction are journalled in parts', async () => {
    const given = await bench('journal')
    given.write(table('aaaa'), {
      revision: 'bbbb',
      up: `  for (let n = 0; n < 300; n++) await knex.raw("insert into aaaa values (1) -- '" + 'é'.repeat(20_000))`,
    })
    await given.upgrade()
    expect(await given.query('select count(*) as n from aaaa')).toStrictEqual([{ n: 300 }])
    expect(
      await given.query(`select count(*) as n from mig_journal where revision = 'bbbb' and what = 'done'`),
    ).toStrictEqual([{ n: 300 }])
  }, 120_000)

  test.each([
    ['a literal', `knex.raw("insert into aaaa values (length('" + 'x'.repeat(5_000_000) + "'))")`, 5_000_036],
    ['bound texts', `knex.raw('insert into aaaa values (length(?))', ['x'.repeat(5_000_000)])`, 5_000_035],
    ['bound bytes', `knex.raw('insert into aaaa values (length(?))', [Buffer.alloc(3_000_000)])`, 6_000_035],
  ])(
    '%s of 5 MB: refused by the server, and the error names length and max_allowed_packet',
    async (what, up, bytes) => {
      const given = await bench(`statement of ${what}`)
      given.write(table('aaaa'), { revision: 'bbbb', up: `  await ${up}` })
      const error = await errorOf(given.upgrade())
      expect(`${error.message} ${error.hint}`).toContain(
        `The statement has ${bytes} bytes with its values, and the server takes 4194304 at once (max_allowed_packet)`,
      )
      expect(error.message.length + (error.detail ?? '').length).toBeLessThan(5000)
      expect(await given.rows()).toStrictEqual(['aaaa applied'])
    },
    120_000,
  )
})
