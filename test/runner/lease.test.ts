// A lease ends a minute after its last heartbeat by the database's clock, for whoever comes, however short he waits.

import { expect, test } from '@jest/globals'

import { type EngineName, forEachEngine } from '../support/engines.js'
import { type Bench, createBench, errorOf, table } from './workbench.js'

/** So many seconds before now, by the database's clock. */
const before: Readonly<Record<EngineName, (seconds: number) => string>> = {
  postgres: (seconds) => `clock_timestamp() - interval '${seconds} seconds'`,
  mysql: (seconds) => `utc_timestamp(3) - interval ${seconds} second`,
  sqlite: (seconds) => `strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '${-seconds} seconds')`,
}

/** What a run leaves that was killed while it held the lease. */
async function leftBehind(bench: Bench, engine: EngineName, silentForS: number): Promise<void> {
  bench.write(table('aaaa'))
  await bench.upgrade()
  bench.write(table('bbbb'))
  await bench.query(
    `update mig_state set token = 7, owner = 'mig upgrade gone@elsewhere pid 71', beat = 3, beat_at = ${before[engine](silentForS)}`,
  )
}

forEachEngine((engine) => {
  test.each(['lease', 'session', undefined] as const)(
    'silent for a minute: taken over at once by a run that does not wait (--lock %s)',
    async (lock) => {
      const bench = await createBench(engine)
      await leftBehind(bench, engine.name, 61)
      await bench.upgrade({ lockTimeout: 0, ...(lock !== undefined && { lock }) })
      expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
      const [state] = await bench.query('select owner, token from mig_state')
      expect({ ...state, token: Number(state?.token) }).toStrictEqual({ owner: null, token: 8 })
    },
  )

  test.each(['lease', 'session'] as const)(
    'silent for less: respected, and whoever waits sees for how long (--lock %s)',
    async (lock) => {
      const bench = await createBench(engine)
      await leftBehind(bench, engine.name, 30)
      expect(await errorOf(bench.upgrade({ lock, lockTimeout: 1 }))).toMatchObject({
        code: 'lock.held',
        exitCode: 3,
        message: expect.stringMatching(/mig upgrade gone@elsewhere pid 71 \(.*lease 7, silent for 3\d s\)/),
      })
      expect(await bench.rows()).toStrictEqual(['aaaa applied'])
      expect(await bench.tables()).toStrictEqual(['aaaa'])
    },
  )

  test('a clock that was set back ends no lease before its time', async () => {
    const bench = await createBench(engine)
    await leftBehind(bench, engine.name, -3600)
    expect(await errorOf(bench.upgrade({ lock: 'lease', lockTimeout: 1 }))).toMatchObject({ code: 'lock.held' })
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  })

  test('mig lock says for how long the holder has been silent', async () => {
    const bench = await createBench(engine)
    await leftBehind(bench, engine.name, 30)
    expect((await bench.run('lock')).stdout).toMatch(/^Somebody is at work on [^]*number 7, silent for 3\d s/)
    await bench.query(`update mig_state set beat_at = ${before[engine.name](95)}`)
    const { code, stdout } = await bench.run('lock')
    expect({ code, stdout }).toStrictEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^The run that holds the lease of .* seems to be gone: the next run takes it over\.\n[^]*number 7, silent for (9\d|10\d) s/,
      ),
    })
    const { holder } = JSON.parse((await bench.run('lock', '--json')).stdout) as {
      readonly holder: { readonly lease: { readonly silentForS: number } }
    }
    expect(holder.lease.silentForS).toBeGreaterThanOrEqual(95)
  })

  test('a run under a lease writes its heartbeat by the clock of the database', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'))
    await bench.upgrade({ lock: 'lease' })
    const rows = await bench.query(
      `select beat_at from mig_state where beat_at between ${before[engine.name](60)} and ${before[engine.name](-1)}`,
    )
    expect(rows).toHaveLength(1)
  })
})
