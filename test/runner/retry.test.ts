// A migration that is tried again, because a lock or a deadlock was in its way, begins as if it had never been called.

import { expect, test } from '@jest/globals'

import { forEachEngine } from '../support/engines.js'
import { type Bench, createBench } from './workbench.js'

/** In TypeScript that stands alone, with imports, as an ES module and as CommonJS: a list, a counter, a cached promise. */
const kinds: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'TypeScript that imports nothing': {
    'migrations/a.ts': `${head('export const')}
const rows: { n: number }[] = []
let calls = 0
export async function up(knex: any): Promise<void> {
  calls++
  for (let n = 0; n < 3; n++) rows.push({ n: n + 10 * calls })
  await knex('seen').insert(rows)
  await knex.raw('select n from busy for update nowait')
}
export async function down(): Promise<void> {}
`,
  },
  'TypeScript with a helper': {
    'migrations/_rows.ts': `export const rows: { n: number }[] = []
let calls = 0
let cached: Promise<number> | undefined
export const tens = () => (cached ??= Promise.resolve(10 * ++calls))
`,
    'migrations/a.ts': `import { rows, tens } from './_rows'
${head('export const')}
export async function up(knex: any): Promise<void> {
  for (let n = 0; n < 3; n++) rows.push({ n: n + (await tens()) })
  await knex('seen').insert(rows)
  await knex.raw('select n from busy for update nowait')
}
export async function down(): Promise<void> {}
`,
  },
  'an ES module with a helper': {
    'migrations/_rows.mjs': `export const rows = []\n`,
    'migrations/a.mjs': `import { rows } from './_rows.mjs'
${head('export const')}
export async function up(knex) {
  for (let n = 10; n < 13; n++) rows.push({ n })
  await knex('seen').insert(rows)
  await knex.raw('select n from busy for update nowait')
}
export async function down() {}
`,
  },
  'CommonJS with a helper': {
    'migrations/_rows.cjs': `exports.rows = []\n`,
    'migrations/a.cjs': `const { rows } = require('./_rows.cjs')
${head('exports.')}
exports.up = async (knex) => {
  for (let n = 10; n < 13; n++) rows.push({ n })
  await knex('seen').insert(rows)
  await knex.raw('select n from busy for update nowait')
}
exports.down = async () => {}
`,
  },
}

function head(declare: string): string {
  return `/** fill */\n${declare} revision = 'aaaa'\n${declare} downRevision = null`.replaceAll('exports. ', 'exports.')
}

/** A database with a table that another session has locked, until `free` is called. */
async function withBusyTable(
  engine: Parameters<typeof createBench>[0],
): Promise<{ bench: Bench; free: () => Promise<void> }> {
  const bench = await createBench(engine)
  await bench.query('create table seen (n integer)')
  await bench.query('create table busy (n integer)')
  await bench.query('insert into busy values (0)')
  const other = await bench.database.connect()
  await other.query('begin')
  await other.query('update busy set n = 7')
  return { bench, free: async () => void (await other.query('commit')) }
}

const seen = async (bench: Bench) => (await bench.query('select n from seen order by n')).map(({ n }) => Number(n))

/** Processes are begun, and a busy machine needs its time for it. */
const longest = 150_000

forEachEngine(
  (engine) => {
    test.each(Object.keys(kinds))(
      'nothing is left of the first try: %s',
      async (kind) => {
        const { bench, free } = await withBusyTable(engine)
        for (const [path, text] of Object.entries(kinds[kind] ?? {})) bench.project.write(path, text)
        const running = bench.start('upgrade')
        await running.waitForOutput(/trying again/, longest)
        await free()
        expect(await running.exit).toMatchObject({ code: 0 })
        expect(await seen(bench)).toStrictEqual([10, 11, 12])
        expect(await bench.rows()).toStrictEqual(['aaaa applied'])
      },
      longest,
    )

    test(
      'one that forbids it is not tried again, and says so with the command that runs it',
      async () => {
        const { bench, free } = await withBusyTable(engine)
        const text = kinds['TypeScript that imports nothing']?.['migrations/a.ts'] ?? ''
        bench.project.write('migrations/a.ts', `export const retry = false\n${text}`)
        const result = await bench.run('upgrade')
        expect(result).toMatchObject({ code: 3, stderr: expect.stringMatching(/\[lock\.timeout\]/) })
        expect(result.stderr).toMatch(/was not tried again by itself, because migrations\/a\.ts says `retry = false`\./)
        expect(result.stderr).toMatch(/then: mig upgrade aaaa/)
        expect(await seen(bench)).toStrictEqual([])
        expect(await bench.rows()).toStrictEqual([])
        await free()
        expect(await bench.run('upgrade', 'aaaa')).toMatchObject({ code: 0 })
        expect(await seen(bench)).toStrictEqual([10, 11, 12])
      },
      longest,
    )

    test(
      'one whose helper was edited meanwhile is not tried again',
      async () => {
        const { bench } = await withBusyTable(engine)
        const [, text = ''] = Object.values(kinds['an ES module with a helper'] ?? {})
        bench.project.write('migrations/_rows.mjs', `export const rows = []\n`)
        const edit = `  fs.writeFileSync('migrations/_rows.mjs', 'export const rows = [1]')\n  await knex.raw('select`
        bench.project.write(
          'migrations/a.mjs',
          `import fs from 'node:fs'\n${text.replace("  await knex.raw('select", edit)}`,
        )
        const result = await bench.run('upgrade')
        expect(result).toMatchObject({ code: 3, stderr: expect.stringMatching(/\[lock\.timeout\]/) })
        expect(result.stderr).toMatch(/It was not tried again: .*_rows\.mjs.* changed while mig was at work/)
        expect(await seen(bench)).toStrictEqual([])
        expect(await bench.rows()).toStrictEqual([])
      },
      longest,
    )
  },
  { only: ['postgres', 'mysql'] },
)
