// log and lock: what was done, and who is at work.

import { expect, test } from '@jest/globals'

import { lock, log } from '../../src/index.js'
import { forEachEngine } from '../support/engines.js'
import { createBench, errorOf, table } from '../runner/workbench.js'

forEachEngine((engine) => {
  test('the journal tells runs, steps and statements, without values', async () => {
    const bench = await createBench(engine)
    const options = { cwd: bench.project.folder, config: { database: bench.database.url } }
    expect((await log(options)).entries).toStrictEqual([])
    bench.write(table('aaaa'), { revision: 'bbbb', up: `  await knex('aaaa').insert({ id: 987654321 })` })
    await bench.upgrade()
    bench.write({ revision: 'cccc', up: `  await knex('nowhere').insert({ id: 1 })` })
    await errorOf(bench.upgrade())
    await bench.downgrade({ target: 'aaaa' })
    const { entries } = await log(options)
    // Where a statement cannot be rolled back it is announced, too.
    const told = entries.filter(({ what }) => what !== 'statement')
    expect(told.map(({ what, revision }) => [what, ...(revision === undefined ? [] : [revision])].join(' '))).toEqual([
      ...['run', 'started aaaa', 'done aaaa', 'applied aaaa', 'started bbbb', 'done bbbb', 'applied bbbb', 'ended'],
      ...['run', 'failed cccc', 'ended'],
      ...['run', 'started bbbb', 'reverted bbbb', 'ended'],
    ])
    expect(entries[0]?.facts).toMatchObject({ command: 'upgrade', migVersion: expect.stringMatching(/^\d/) })
    expect(entries[0]?.at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/)
    expect(told[5]?.sql).toMatch(/insert into .aaaa. /)
    expect(JSON.stringify(entries)).not.toContain('987654321')
    expect((await log(options)).messages).toMatchObject({ aaaa: 'make aaaa', bbbb: 'make bbbb' }) // bbbb by its file
    bench.remove('bbbb')
    expect((await log(options)).messages).toEqual({ aaaa: 'make aaaa', cccc: 'make cccc' })
    const ofOne = (await log({ ...options, revision: 'bb' })).entries
    expect(new Set(ofOne.map(({ revision = '' }) => revision))).toEqual(new Set(['', 'bbbb']))
    expect((await log({ ...options, limit: 2 })).entries.map(({ what }) => what)).toEqual(['reverted', 'ended'])
    const { stdout } = await bench.run('log', '-v')
    expect(stdout).toMatch(/mig upgrade .*@[^]*✓|ok/)
  })

  test('the lock is free, or somebody is at work', async () => {
    const bench = await createBench(engine)
    const options = { cwd: bench.project.folder, config: { database: bench.database.url } }
    expect((await lock(options)).holder).toBeNull()
    bench.write({
      ...table('aaaa'),
      up: `  context.log('at work')\n  await new Promise((resolve) => setTimeout(resolve, 60_000))`,
    })
    const runner = bench.start('upgrade', '--transaction', 'none')
    await runner.waitForOutput(/at work/)
    const { holder } = await lock(options)
    expect(holder?.who).toMatch(/@/)
    expect(holder?.command).toBe('upgrade')
    const { stdout } = await bench.run('lock')
    expect(stdout).toMatch(/Somebody is at work on [^]*held by[^]*mig upgrade/)
    runner.kill('SIGKILL')
    await runner.exit
    const { stdout: told } = await bench.run('log')
    expect(told).toMatch(/^mig upgrade .*\n {2}\S started aaaa .*\n {2}no end: it was killed/)
  })

  test('a lease is shown with its heartbeat, and freed at the end', async () => {
    const bench = await createBench(engine)
    const options = { cwd: bench.project.folder, config: { database: bench.database.url } }
    bench.write(
      {
        ...table('aaaa'),
        up: `  context.log('at work')\n  await new Promise((resolve) => setTimeout(resolve, 700))`,
        undo: '',
      },
      table('bbbb'),
    )
    const runner = bench.start('upgrade', '--lock', 'lease')
    await runner.waitForOutput(/at work/)
    expect((await lock(options)).holder?.lease).toMatchObject({ token: 1 })
    expect((await runner.exit).code).toBe(0)
    expect((await lock(options)).holder).toBeNull()
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  })
})
