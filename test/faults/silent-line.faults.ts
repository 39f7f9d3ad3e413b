// A line that is open and says nothing: whatever a run waits for, the first signal ends it, and says what is not known.

import { expect, test } from '@jest/globals'

import { createBench, table } from '../runner/workbench.js'
import { forEachEngine } from '../support/engines.js'
import { openProxy } from './support/proxy.js'

/** What a run is at when the line falls silent. */
const moments = [
  ['a statement of the migration', /insert into .?aaaa/, 'before'],
  ['the record of a migration', /mig_history/, 'before'],
  ['the commit of a migration', /^commit/i, 'before'],
  ['the answer to a statement', /insert into .?aaaa/, 'after'],
] as const

/** A signal ends a run within so many milliseconds; a process needs a moment more. */
const bound = 8000 + 4000

forEachEngine(
  (engine) => {
    test.concurrent.each(moments)('at %s the first signal ends a run', async (_what, pattern, side) => {
      const bench = await createBench(engine)
      bench.write(table('aaaa'))
      await bench.upgrade()
      bench.write({ revision: 'bbbb', up: `  await knex('aaaa').insert({ id: 7 })` })
      let fallSilent = (): void => undefined
      const silent = new Promise<void>((resolve) => (fallSilent = resolve))
      let hasInserted = false
      const watch = ({ sql }: { readonly sql: string }): 'pass' => {
        hasInserted ||= /insert into .?aaaa/.test(sql)
        if (!hasInserted || !pattern.test(sql)) return 'pass'
        proxy.silence()
        fallSilent()
        return 'pass'
      }
      const proxy = await openProxy(bench.database.url, side === 'before' ? { onStatement: watch } : { onReply: watch })
      try {
        const runner = bench.project.start(['upgrade'], { env: { MIG_DATABASE_URL: proxy.url } })
        await silent
        const sent = performance.now()
        runner.kill('SIGTERM')
        const { code, stderr } = await runner.exit
        expect({ code, stderr }).toStrictEqual({
          code: 6,
          stderr: expect.stringMatching(
            /bbbb.* has not confirmed within 7 s that it was rolled back.*partial\.outcome-unknown/s,
          ),
        })
        expect(performance.now() - sent).toBeLessThan(bound)
      } finally {
        await proxy.close()
      }
      // The server notices that the line is gone.
      expect(await bench.run('upgrade', '--lock-timeout', '30')).toMatchObject({ code: 0 })
      expect(await bench.query('select id from aaaa')).toStrictEqual([{ id: 7 }])
      expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
    })
  },
  { only: ['postgres', 'mysql'] },
)
