// SQLite: the lock is a file beside the database. It may be taken away, and the database may have a second name.

import { chmodSync, existsSync, linkSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

import { expect, test } from '@jest/globals'

import { engineNamed } from '../support/engines.js'
import { ordinaryRights, testWithModes } from '../support/ordinary-rights.js'
import { programPath } from '../support/program.js'
import { type Bench, createBench, type MigrationText } from '../runner/workbench.js'

const sqlite = engineNamed('sqlite')
const testSqlite = sqlite.skipped === undefined ? test : test.skip
const testSqliteWithModes = sqlite.skipped === undefined ? testWithModes : test.skip

function fileOf({ database }: Bench): string {
  return decodeURIComponent(database.url.slice('sqlite:'.length))
}

async function benchWith(migration: Partial<MigrationText>): Promise<Bench> {
  const bench = await createBench(sqlite)
  await bench.query('create table witness (line text)')
  bench.write({ revision: 'aaaa', ...migration })
  return bench
}

async function witness(bench: Bench): Promise<readonly unknown[]> {
  return (await bench.query('select line from witness order by rowid')).map(({ line }) => line)
}

function row(line: string): string {
  return `  await knex('witness').insert({ line: '${line}' })\n`
}

/** Runs once: a second run of the same migration, by another process, does not do it again. */
function once(bench: Bench, code: string): string {
  return `  const { renameSync, rmSync, writeFileSync, linkSync } = await import('node:fs')
  const { spawnSync } = await import('node:child_process')
  const lock = ${JSON.stringify(`${fileOf(bench)}-mig-lock`)}
  const another = (...args) => spawnSync(process.execPath, [${JSON.stringify(programPath)}, ...args],
    { env: { ...process.env, ANOTHER: '1' }, encoding: 'utf8' })
  if (process.env.ANOTHER === undefined) {
${code}
  }
`
}

/** A run in which the migration does not do again what it did once. */
function again(bench: Bench, ...args: readonly string[]) {
  return bench.project.run(args, { env: { MIG_DATABASE_URL: bench.database.url, ANOTHER: '1' } })
}

const takenAway: readonly (readonly [what: string, code: string])[] = [
  ['removed', `    rmSync(lock)`],
  ['moved', `    renameSync(lock, lock + '-moved')`],
  ['replaced by an empty one', `    rmSync(lock); writeFileSync(lock, '')`],
  ['moved, and another one made', `    renameSync(lock, lock + '-old'); writeFileSync(lock, '')`],
]

testSqlite.each(takenAway)(
  'the lock file was %s: without a transaction no further statement is kept',
  async (_, code) => {
    const bench = await benchWith({})
    bench.write({
      revision: 'aaaa',
      down: null,
      transaction: false,
      up: row('first') + once(bench, code) + row('second') + row('third'),
    })
    const result = await bench.run('upgrade')
    expect(result.stderr).toMatch(/The lock of .* is not held any more: a migration, or somebody else, has freed it/)
    expect(result.code).toBe(6)
    expect(await witness(bench)).toStrictEqual(['first'])
    expect(await bench.rows()).toStrictEqual(['aaaa running'])
    expect((await again(bench, 'upgrade', '--resume')).code).toBe(0)
    expect(await witness(bench)).toStrictEqual(['first', 'second', 'third'])
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  },
)

testSqlite.each(takenAway.slice(0, 3))(
  'the lock file was %s: a migration in its transaction is rolled back',
  async (_, code) => {
    const bench = await benchWith({})
    bench.write({ revision: 'aaaa', down: null, up: row('first') + once(bench, code) + row('second') })
    const result = await bench.run('upgrade')
    expect(result.stderr).toMatch(/The lock of .* is not held any more/)
    expect(result.code).toBe(3)
    expect(await witness(bench)).toStrictEqual([])
    expect(await bench.rows()).toStrictEqual([])
    expect((await again(bench, 'upgrade')).code).toBe(0)
    expect(await witness(bench)).toStrictEqual(['first', 'second'])
  },
)

testSqlite(
  'another run takes the place of a lock file that was removed: nothing runs twice, and its lock is left alone',
  async () => {
    const bench = await benchWith({})
    bench.write({
      revision: 'aaaa',
      down: null,
      transaction: false,
      up:
        row('first') +
        once(bench, `    rmSync(lock)\n    console.log('another: ' + another('upgrade', '--resume').status)`) +
        row('second') +
        row('third'),
    })
    const result = await bench.run('upgrade')
    expect(result.stdout).toContain('another: 0')
    expect(result.stderr).toMatch(/The lock of .* is not held any more/)
    expect(result.code).not.toBe(0)
    expect(await witness(bench)).toStrictEqual(['first', 'second', 'third'])
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  },
)

testSqlite('a downgrade without its lock is rolled back', async () => {
  const bench = await benchWith({})
  bench.write({ revision: 'aaaa', down: null, up: row('up'), undo: row('down') + once(bench, `    rmSync(lock)`) })
  expect((await bench.run('upgrade')).code).toBe(0)
  expect((await bench.run('downgrade', 'base')).code).toBe(3)
  expect(await witness(bench)).toStrictEqual(['up'])
  expect(await bench.rows()).toStrictEqual(['aaaa applied'])
})

async function linked(): Promise<{ readonly bench: Bench; readonly other: string }> {
  const bench = await benchWith({ up: row('first') })
  const other = join(dirname(fileOf(bench)), `other-${basename(fileOf(bench))}`)
  linkSync(fileOf(bench), other)
  return { bench, other }
}

testSqlite.each([['upgrade'], ['stamp', 'head'], ['upgrade', '--lock', 'lease']])(
  'a database file with two names is refused before anything changes: mig %s',
  async (...args) => {
    const { bench, other } = await linked()
    for (const url of [bench.database.url, `sqlite:${other}`]) {
      const result = await bench.project.run(args, { env: { MIG_DATABASE_URL: url } })
      expect(result.stderr).toMatch(/has 2 names \(hard links\).*Nothing was changed\./s)
      expect(result.stderr).toContain('-samefile')
      expect(result.code).toBe(8)
    }
    expect(await bench.tables()).toStrictEqual(['witness'])
    expect(await bench.query(`select name from sqlite_master where name like 'mig%'`)).toStrictEqual([])
    expect(existsSync(`${fileOf(bench)}-mig-lock`)).toBe(false)
  },
)

testSqlite('looking at a database file with two names is no harm', async () => {
  const { bench } = await linked()
  expect((await bench.run('current')).code).toBe(0)
})

testSqlite('a second name that is made while a run is at work does not let another run in', async () => {
  const bench = await benchWith({})
  const other = `${fileOf(bench)}-other`
  const code = `    linkSync(${JSON.stringify(fileOf(bench))}, ${JSON.stringify(other)})
    const said = another('upgrade', '--database-url', ${JSON.stringify(`sqlite:${other}`)})
    console.log('another: ' + said.status)`
  bench.write({
    revision: 'aaaa',
    down: null,
    transaction: false,
    up: row('first') + once(bench, code) + row('second'),
  })
  const result = await bench.run('upgrade')
  expect(result.stdout).toContain('another: 8')
  expect(result.code).toBe(0)
  expect(await witness(bench)).toStrictEqual(['first', 'second'])
})

testSqlite('a symbolic link is another way to the same lock', async () => {
  const bench = await benchWith({ up: row('first') })
  const other = `${fileOf(bench)}-link`
  symlinkSync(fileOf(bench), other)
  const result = await bench.project.run(['upgrade'], { env: { MIG_DATABASE_URL: `sqlite:${other}` } })
  expect(result.code).toBe(0)
  expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  const files = readdirSync(dirname(other)).filter((name) => name.startsWith(basename(fileOf(bench))))
  expect(files.sort()).toStrictEqual([basename(fileOf(bench)), basename(other)])
})

testSqlite('whoever may write the database may write its lock, whoever made it', async () => {
  const bench = await benchWith({})
  chmodSync(fileOf(bench), 0o664)
  const show = `  console.log('mode ' + ((await import('node:fs')).statSync(${JSON.stringify(`${fileOf(bench)}-mig-lock`)}).mode & 0o777).toString(8))`
  bench.write({ revision: 'aaaa', down: null, up: show })
  expect((await bench.run('upgrade')).stdout).toContain('mode 664')
})

testSqliteWithModes.each([
  ['read', 0o444],
  ['opened', 0o000],
])('a lock file that may at most be %s is reported, and nobody is said to be there or not', async (_, mode) => {
  const bench = await benchWith({ up: row('first') })
  const lock = `${fileOf(bench)}-mig-lock`
  writeFileSync(lock, '')
  chmodSync(lock, mode)
  const run = (...args: readonly string[]) =>
    bench.project.run(args, { env: { MIG_DATABASE_URL: bench.database.url }, prefix: ordinaryRights })
  for (const command of ['upgrade', 'lock']) {
    const result = await run(command)
    expect(result.stderr).toMatch(/The lock file .*-mig-lock may not be written by this user: whether another run/)
    expect(result.stderr).toContain('[engine.permission]')
    expect(result.code).toBe(8)
  }
  expect((await run('current')).code).toBe(0)
  expect(await witness(bench)).toStrictEqual([])
  chmodSync(lock, 0o600)
  expect((await run('upgrade')).code).toBe(0)
  expect(await witness(bench)).toStrictEqual(['first'])
})

testSqlite('a lock file that was never written out is nobody’s, and made anew', async () => {
  const bench = await benchWith({ up: row('first') })
  writeFileSync(`${fileOf(bench)}-mig-lock`, 'x'.repeat(8192))
  expect((await bench.run('lock')).stdout).toContain('Free.')
  expect((await bench.run('upgrade')).code).toBe(0)
  expect(await witness(bench)).toStrictEqual(['first'])
  expect(existsSync(`${fileOf(bench)}-mig-lock`)).toBe(false)
})
