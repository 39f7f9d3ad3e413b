// What a migration costs on the way to the server and back: counted, because over a network that is what it takes.

import { expect, test } from '@jest/globals'

import { openProxy } from '../faults/support/proxy.js'
import { forEachEngine } from '../support/engines.js'
import { createBench, table } from './workbench.js'

forEachEngine(
  (engine) => {
    test('a migration of one statement is four messages: begin with the fence, itself, the record, and commit', async () => {
      const bench = await createBench(engine)
      bench.write(table('aaaa'), table('bbbb'), table('cccc'))
      const proxy = await openProxy(bench.database.url)
      try {
        await bench.upgrade({ databaseUrl: proxy.url })
      } finally {
        await proxy.close()
      }
      const sent = proxy.statements.map(({ sql }) => sql)
      const second = sent.findIndex((sql) => sql.startsWith('create table "bbbb"')) - 1
      expect(sent.slice(second, second + 5)).toStrictEqual([
        expect.stringMatching(/^BEGIN; update .*mig_state" set seq = seq \+ 1/),
        expect.stringMatching(/^create table "bbbb"/),
        '(prepared)',
        'COMMIT;',
        expect.stringMatching(/^BEGIN;/),
      ])
    })
  },
  { only: ['postgres'] },
)
