// A migration of a program as the text of its file. Pure.

import { migrationText } from '../runner/workbench.js'
import type { Block, Ddl, MachineMigration, Operation, Refusal } from './program.js'

export function sourceOf(migration: MachineMigration, down: string | null): string {
  const { revision, transaction, operations } = migration
  // A migration without a statement is an error: this one always has one, which changes nothing.
  const up = [`await knex.raw('update w set x = x where x = -1')`, ...linesOf(operations, 'knex')]
  return migrationText({
    revision,
    down,
    ...(transaction ? {} : { transaction: false }),
    up: up.map((line) => `  ${line}`).join('\n'),
  })
}

function linesOf(operations: readonly Operation[], knex: string): readonly string[] {
  return operations.flatMap((each) => lines(each, knex))
}

function lines(operation: Operation, knex: string): readonly string[] {
  const raw = (sql: string) => `await ${knex}.raw(${JSON.stringify(sql)})`
  switch (operation.kind) {
    case 'insert':
      return [insert(operation.how, operation.mark, knex)]
    case 'several':
      return [raw(operation.marks.map(insertText).join('; '))]
    case 'ddl':
      return [ddl(operation.what, operation.mark, knex)]
    case 'session':
      return [raw(operation.sql)]
    case 'beside':
      return [
        operation.isRefused
          ? `${besideOf(bad.missing(operation.mark))}.catch(() => undefined)`
          : besideOf(`insert into apart values (${operation.mark}) /* e${operation.mark} */`),
      ]
    case 'refused': {
      const sent = `${raw(bad[operation.why](operation.mark))}.catch(() => undefined)`
      const savepoint = `savepoint s${operation.mark}`
      return operation.isNested ? [raw(savepoint), sent, raw(`rollback to ${savepoint}`)] : [sent]
    }
    case 'fail':
      if (operation.why === 'throw') return [`throw new Error('on purpose e${operation.mark}')`]
      return [raw(bad[operation.why](operation.mark))]
    case 'deadlock':
      return [`await (await import('../second-session.mjs')).deadlock(${knex}, ${operation.marks.join(', ')})`]
    case 'block':
      return block(operation, knex)
  }
}

function ddl(what: Ddl, mark: number, knex: string): string {
  const name = `e${mark}`
  if (what === 'built table') return `await ${knex}.schema.createTable('${name}', (t) => t.integer('x'))`
  const texts = {
    table: `create table ${name} (x int)`,
    column: `alter table base add column ${name} int`,
    index: `create index ${name} on base (x)`,
    'concurrent index': `create index concurrently ${name} on base (x)`,
    drop: `drop table ${name}`,
  }
  return `await ${knex}.raw('${texts[what]}')`
}

function block({ how, mark, end, operations }: Block, knex: string): readonly string[] {
  const raw = (sql: string) => `await ${knex}.raw('${sql}')`
  const isKept = end === 'keep'
  const inner = how === 'transaction' ? `trx${mark}` : knex
  const body = linesOf(operations, inner).map((line) => `  ${line}`)
  switch (how) {
    case 'transaction':
      if (isKept) return [`await ${knex}.transaction(async (${inner}) => {`, ...body, '})']
      return [
        `await ${knex}.transaction(async (${inner}) => {`,
        ...body,
        `  throw new Error('roll back ${mark}')`,
        `}).catch((error) => { if (error.message !== 'roll back ${mark}') throw error })`,
      ]
    case 'savepoint': {
      const release = raw(`release savepoint s${mark}`)
      return [
        raw(`savepoint s${mark}`),
        ...body,
        ...(isKept ? [release] : [raw(`rollback to savepoint s${mark}`), release]),
      ]
    }
    case 'begin':
      return [raw('begin'), ...body, raw(isKept ? 'commit' : 'rollback')]
    case 'autocommit off':
      return [raw('set autocommit = 0'), ...body, raw(isKept ? 'commit' : 'rollback'), raw('set autocommit = 1')]
    case 'step':
      return [`await context.step('step ${mark}', async () => {`, ...body, '})']
    case 'lock tables':
      return [raw('lock tables w write, wide write, only_one write'), ...body, raw('unlock tables')]
  }
}
function insert(how: 'text' | 'bound' | 'builder', mark: number, knex: string): string {
  if (how === 'text') return `await ${knex}.raw('${insertText(mark)}')`
  if (how === 'bound') return `await ${knex}.raw('insert into w values (?) /* e${mark} */', [${mark}])`
  return `await ${knex}('wide').insert({ e${mark}: 1 })`
}

/** By the Knex that the migration was given, whatever transaction of its own is open. */
function besideOf(sql: string): string {
  return `await knex.raw('${sql}')`
}

function insertText(mark: number): string {
  return `insert into w values (${mark}) /* e${mark} */`
}

/** What the database refuses. `only_one` has a row already. */
const bad: Record<Refusal, (mark: number) => string> = {
  unique: (mark) => `insert into only_one values (1) /* e${mark} */`,
  syntax: (mark) => `insrt into w values (${mark}) /* e${mark} */`,
  missing: (mark) => `insert into nowhere values (${mark}) /* e${mark} */`,
}
