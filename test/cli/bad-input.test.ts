// Bad input: a clear error with the way out, and nothing is changed.

import { symlinkSync } from 'node:fs'

import { describe, expect, test } from '@jest/globals'

import { forEachEngine } from '../support/engines.js'
import { createProject } from '../support/project.js'
import { drawn, migration, snapshot } from '../support/migrations.js'

const functions = `export async function up() {}\nexport async function down() {}\n`
const file = (header: string) => ({ 'migrations/a.ts': `${header}\n${functions}` })
const body = (text: string) => ({
  'migrations/a.ts': `export const revision = 'aaaa'\nexport const downRevision = null\n${text}\n`,
})
const config = (text: string) => ({ ...drawn('aaaa'), 'mig.config.ts': text })

type Case = readonly [
  what: string,
  files: Record<string, string>,
  code: number,
  message: RegExp,
  args?: readonly string[],
]

const cases: readonly Case[] = [
  // the folder
  [
    'a missing folder',
    {},
    2,
    /The migrations folder migrations cannot be read: it does not exist.*\n→ Create it with `mig init`/,
  ],
  ['a folder that is a file', { migrations: 'text' }, 2, /migrations cannot be read: it is not a folder/],
  [
    'a file that is no migration',
    { 'migrations/a.ts': 'export const x = 1\n' },
    4,
    /a\.ts is no migration: it exports no revision[^]*begins with “_”/,
  ],
  ['an empty file', { 'migrations/a.ts': '' }, 4, /a\.ts is no migration/],
  [
    'two files with one revision',
    { ...drawn('aaaa'), 'migrations/again.ts': migration('aaaa', null) },
    4,
    /aaaa[^]*migrations\/001_aaaa\.ts[^]*migrations\/again\.ts[^]*\[graph\.duplicate-revision\]/,
  ],
  [
    'a cycle',
    {
      'migrations/a.ts': migration('aaaa', 'cccc'),
      'migrations/b.ts': migration('bbbb', 'aaaa'),
      'migrations/c.ts': migration('cccc', 'bbbb'),
    },
    4,
    /aaaa → (cccc → bbbb|bbbb → cccc) → aaaa[^]*\[graph\.cycle\]/,
  ],
  [
    'a revision that depends on itself',
    { 'migrations/a.ts': migration('aaaa', 'aaaa') },
    4,
    /aaaa \(migrations\/a\.ts\) names itself as its parent/,
  ],
  [
    'a missing parent',
    { ...drawn('aaaa'), 'migrations/b.ts': migration('bbbb', 'aaab') },
    4,
    /bbbb \(migrations\/b\.ts\) names aaab as its downRevision, which no file has\. \[graph\.missing-parent\]\n→ Did you mean aaaa\?/,
  ],
  [
    'a missing dependency',
    { 'migrations/a.ts': migration('aaaa', null, { header: `export const dependsOn = ['nope']` }) },
    4,
    /aaaa \(migrations\/a\.ts\) names nope as its dependsOn, which no file has/,
  ],
  [
    'a label used twice',
    {
      'migrations/a.ts': migration('aaaa', null, { header: `export const branchLabels = 'x'` }),
      'migrations/b.ts': migration('bbbb', 'aaaa', { header: `export const branchLabels = 'x'` }),
    },
    4,
    /“x”[^]*migrations\/b\.ts[^]*migrations\/a\.ts/,
  ],
  // the header
  [
    'no revision',
    file('export const downRevision = null'),
    4,
    /does not export revision.*\n→ Add: export const revision = /,
  ],
  [
    'no downRevision',
    file(`export const revision = 'aaaa'`),
    4,
    /does not export downRevision.*\n→ Add: export const downRevision = /,
  ],
  [
    'a revision that is a number',
    file('export const revision = 42\nexport const downRevision = null'),
    4,
    /a\.ts:1:25 is a number/,
  ],
  ['an empty revision', file(`export const revision = ''\nexport const downRevision = null`), 4, /it is empty/],
  ['a revision with a blank', file(`export const revision = ' a'\nexport const downRevision = null`), 4, /white space/],
  ['a revision with a quote', file(`export const revision = "it's"\nexport const downRevision = null`), 4, /it's/],
  [
    'a revision of 300 letters',
    file(`export const revision = '${'a'.repeat(300)}'\nexport const downRevision = null`),
    4,
    /300 characters; at most 64/,
  ],
  ['a reserved word', file(`export const revision = 'head'\nexport const downRevision = null`), 4, /reserved word/],
  [
    'a revision that reads as relative',
    file(`export const revision = 'a-1'\nexport const downRevision = null`),
    4,
    /relative target/,
  ],
  [
    'a computed revision',
    file(`export const revision = ['a', 'a'].join('')\nexport const downRevision = null`),
    4,
    /a\.ts:1:25 is computed.*\n[^]*\^[^]*→ Write a literal/,
  ],
  [
    'a downRevision of the wrong type',
    file(`export const revision = 'aaaa'\nexport const downRevision = [1]`),
    4,
    /a\.ts:2:29 is a list that has something else than texts/,
  ],
  // the module
  ['a syntax error', body('export async function up() { (\n}'), 4, /a\.ts:\d+:\d+ has a syntax error[^]*\^/],
  ['up that is missing', body('export async function down() {}'), 4, /does not export up/],
  [
    'up that is a class',
    body('export class up {}\nexport async function down() {}'),
    4,
    /a\.ts:3:\d+ is a class, not a function/,
  ],
  ['up that is a text', body(`export const up = 'x'\nexport async function down() {}`), 4, /is a text, not a function/],
  ['down that is missing', body('export async function up() {}'), 4, /does not export down.*\n→ .*irreversible/],
  [
    'an import of a missing package',
    body(`import 'no-such-package'\n${functions}`),
    4,
    /aaaa \(migrations\/a\.ts.*cannot be loaded: .*no-such-package/,
  ],
  ['an import of a missing file', body(`import './nope.js'\n${functions}`), 4, /cannot be loaded: .*nope\.js/],
  [
    'a module that throws',
    body(`throw new TypeError('at import')\n${functions}`),
    4,
    /a\.ts:3:7\) cannot be loaded: at import[^]*\^/,
  ],
  ['a module that throws no error', body(`throw undefined\n${functions}`), 4, /cannot be loaded/],
  ['bytes that are no UTF-8', {}, 4, /not UTF-8/],
  // the configuration
  [
    'a configuration that throws',
    config(`throw new Error('broken here')\n`),
    2,
    /mig\.config\.ts:1:7 cannot be loaded: broken here/,
  ],
  [
    'several mistakes in a configuration',
    config(
      `export default { databse: 'x', historyTable: 7, timezone: 'Mars/City', environments: { a: { migrations: [] } } }\n`,
    ),
    2,
    /databse is no key[^]*Did you mean database[^]*historyTable is a number[^]*timezone is a text[^]*environments\.a\.migrations is a list/,
  ],
  ['a configuration that exports nothing', config('export {}\n'), 2, /mig\.config\.ts: exports nothing/],
  ['a configuration that is a list', config('export default []\n'), 2, /exports a list, not a configuration/],
  [
    'a configuration in broken JSON',
    { ...drawn('aaaa'), 'mig.config.json': '{ "migrations": ' },
    2,
    /mig\.config\.json cannot be loaded/,
  ],
  [
    'an unknown Knex client',
    config(`export default { database: { client: 'mssql', connection: {} } }\n`),
    8,
    /“mssql” is none that mig works with.*\n→ .*pg/,
  ],
  ['a Knex configuration without client', config(`export default { database: { connection: {} } }\n`), 2, /no client/],
  [
    'a URL without scheme',
    config(`export default { database: 'localhost/db' }\n`),
    2,
    /cannot be read: it has no scheme/,
  ],
  [
    'a missing folder of the SQLite file',
    config(`export default { database: 'sqlite:no/such/x.db' }\n`),
    8,
    /The folder of the SQLite file no\/such\/x\.db does not exist.*\n→ mkdir -p no\/such/,
  ],
  [
    'a file that is no database',
    { ...drawn('aaaa'), 'mig.sqlite3': 'this is a text file, and no database at all\n'.repeat(50) },
    8,
    /cannot be used: file is not a database/,
  ],
  // targets
  [
    'an unknown target',
    drawn('aaaa'),
    2,
    /No revision or branch label is called “aaab”.*\n→ Did you mean aaaa\?/,
    ['upgrade', 'aaab'],
  ],
  [
    'an ambiguous target',
    drawn('abcd1 > abcd2'),
    2,
    /“abcd” is the start of 2 revisions: abcd1, abcd2\. \[target\.ambiguous\]/,
    ['upgrade', 'abcd'],
  ],
  ['no form of target', drawn('aaaa'), 2, /“\+2junk” is no form of target/, ['upgrade', '+2junk']],
  ['a target below base', drawn('aaaa'), 2, /“base-1” leads nowhere/, ['upgrade', 'base-1']],
  ['too far', drawn('aaaa'), 2, /“\+5” leads nowhere: aaaa has nothing above it/, ['upgrade', '+5']],
  ['down with upgrade', drawn('aaaa'), 2, /only a downgrade goes down.*\n→ mig downgrade -1/, ['upgrade', '-1']],
  ['a downgrade to what is not applied', drawn('aaaa'), 2, /aaaa make aaaa is not applied/, ['downgrade', 'aaaa']],
  ['a downgrade of nothing', drawn('aaaa'), 2, /counts 1, and nothing is applied/, ['downgrade', '-1']],
  ['two heads for head', drawn('aaaa > bbbb, aaaa > cccc'), 2, /requires one head, and there are 2: bbbb, cccc/],
  [
    'another branch',
    {
      ...drawn('aaaa > bbbb, aaaa > cccc'),
      'migrations/003_cccc.ts': migration('cccc', 'aaaa', { header: `export const branchLabels = ['right']` }),
    },
    2,
    /bbbb is not in the lineage of “right”/,
    ['upgrade', 'right@bbbb'],
  ],
  // the command line
  ['an unknown command', drawn('aaaa'), 2, /no command “upp”.*\n→ .*mig (upgrade|--help)/, ['upp']],
  ['a misspelt command', drawn('aaaa'), 2, /no command “upgarde”.*\n→ Did you mean: mig upgrade/, ['upgarde']],
  ['an unknown option', drawn('aaaa'), 2, /no option --dryrun.*\n→ Did you mean --dry-run\?/, ['upgrade', '--dryrun']],
  ['an unknown short option', drawn('aaaa'), 2, /no option -z/, ['upgrade', '-z']],
  ['too many arguments', drawn('aaaa'), 2, /There is no place for “b”/, ['upgrade', 'a', 'b']],
  [
    'an option without its value',
    drawn('aaaa'),
    2,
    /--lock-timeout needs a value.*\n→ mig upgrade --lock-timeout SECONDS/,
    ['upgrade', '--lock-timeout'],
  ],
  [
    'a number that is none',
    drawn('aaaa'),
    2,
    /takes a number of 0 or more, and got “soon”/,
    ['upgrade', '--lock-timeout', 'soon'],
  ],
  [
    'a part of a try',
    drawn('aaaa'),
    2,
    /--lock-retries takes a whole number of 0 or more, and got “1\.5”/,
    ['upgrade', '--lock-retries', '1.5'],
  ],
  [
    'an answer to what nobody asks',
    drawn('aaaa'),
    2,
    /--interrupted answers what --resume asks.*Nothing was changed\..*\n→ See what is unfinished: mig current/,
    ['upgrade', '--interrupted', 'done'],
  ],
  ['an option given twice', drawn('aaaa'), 2, /--env was given 2 times/, ['upgrade', '--env', 'a', '--env', 'b']],
  [
    'a stamp to an unknown id',
    drawn('aaaa'),
    2,
    /No revision or branch label is called “zzzz”\. \[target\.unknown\]/,
    ['stamp', 'zzzz'],
  ],
  ['a stamp without target', drawn('aaaa'), 2, /A stamp requires a target/, ['stamp']],
]

test.concurrent.each(cases.map((item) => [item[0], item] as const))(
  '%s',
  async (_what, [what, files, code, message, args = ['upgrade']]) => {
    const project = createProject({ files })
    if (what === 'bytes that are no UTF-8')
      project.write(
        'migrations/a.ts',
        Buffer.from('/** gr\xFC\xDF */ export const x = 1\n', 'latin1') as unknown as string,
      )
    const before = snapshot(project)
    const result = await project.run(args, { env: { LC_ALL: 'C.UTF-8' } })
    expect({ what, code: result.code, said: result.stderr }).toEqual({
      what,
      code,
      said: expect.stringMatching(message),
    })
    expect(result.stderr).toMatch(/\[(usage|config|target|graph|engine)\.[a-z-]+\]/)
    expect(result.stderr).not.toMatch(/^ +at .*\(.*:\d+:\d+\)$/m)
    expect(snapshot(project)).toEqual(before)
  },
  60_000,
)

test('all findings are reported together', async () => {
  const project = createProject({
    files: {
      ...drawn('aaaa'),
      'migrations/b.ts': 'export const revision = 1\n',
      'migrations/c.ts': 'nonsense (\n',
      'migrations/d.ts': 'export {}\n',
    },
  })
  const { code, stderr } = await project.run(['upgrade'])
  expect(code).toBe(4)
  for (const name of ['b.ts', 'c.ts', 'd.ts']) expect(stderr).toContain(name)
})

test('links: one file twice is one migration; a link that leads nowhere is named', async () => {
  const project = createProject({ files: drawn('aaaa') })
  symlinkSync('001_aaaa.ts', project.path('migrations/link.ts'))
  expect(await project.run(['upgrade'])).toMatchObject({ code: 0, stderr: '' })
  symlinkSync('nowhere.ts', project.path('migrations/broken.ts'))
  const { code, stderr } = await project.run(['heads'])
  expect(code).toBe(4)
  expect(stderr).toMatch(/migrations\/broken\.ts cannot be read: it does not exist/)
})

describe('a database that is not as it should be', () => {
  forEachEngine((engine) => {
    test('a history table of another program, or altered by hand, is left alone', async () => {
      const project = createProject({ files: drawn('aaaa > bbbb') })
      const env = { MIG_DATABASE_URL: (await engine.createDatabase()).url }
      const database = await engine.createDatabase()
      await database.query('create table mig_history (id integer primary key, name varchar(20))')
      for (const command of ['upgrade', 'current', 'check']) {
        const foreign = await project.run([command], { env: { MIG_DATABASE_URL: database.url } })
        expect({ command, code: foreign.code }).toEqual({ command, code: command === 'check' ? 7 : 5 })
        expect(foreign.stderr).toMatch(/is not as mig wrote it[^]*historyTable/)
      }
      expect(await project.run(['upgrade'], { env })).toMatchObject({ code: 0, stderr: '' })
    })

    test('a deleted row and a newer format are reported, and nothing runs', async () => {
      const project = createProject({ files: drawn('aaaa > bbbb > cccc') })
      const database = await engine.createDatabase()
      const env = { MIG_DATABASE_URL: database.url }
      await project.run(['upgrade', 'bbbb'], { env })
      await database.query(`delete from mig_history where revision = 'aaaa'`)
      const altered = await project.run(['upgrade'], { env })
      expect(altered.code).toBe(5)
      expect(altered.stderr).toMatch(/history says that bbbb is applied, and not aaaa/)
      await database.query('update mig_state set format = 99')
      const newer = await project.run(['upgrade'], { env })
      expect(newer.code).toBe(5)
      expect(newer.stderr).toMatch(/format 99; this mig knows formats up to \d+[^]*npm install knex-mig@latest/)
      expect((await database.query('select revision from mig_history')).map(({ revision }) => revision)).toEqual([
        'bbbb',
      ])
    })
  })
})
