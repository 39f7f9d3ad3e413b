// Migrations as text, for projects that the tests make: each makes one table that is named after its revision.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

import Sqlite from 'better-sqlite3'

import type { Project } from './project.js'

export interface MigrationText {
  message?: string
  /** Lines below the header: `export const branchLabels = ['billing']`. */
  header?: string
  up?: string
  down?: string
}

/** A migration in TypeScript. `parents` as it is written in the file: an id, several, or null. */
export function migration(
  revision: string,
  parents: string | readonly string[] | null,
  { message = `make ${revision}`, header = '', ...bodies }: MigrationText = {},
): string {
  const table = JSON.stringify(`t_${revision}`)
  const up = bodies.up ?? `await knex.schema.createTable(${table}, (table) => { table.increments('id') })`
  const down = bodies.down ?? `await knex.schema.dropTable(${table})`
  return [
    `/** ${message} */`,
    `import type { Knex } from 'knex'`,
    `export const revision = ${JSON.stringify(revision)}`,
    `export const downRevision = ${JSON.stringify(parents)}${bodies.up === undefined ? '' : '; export const empty = true'}`,
    header,
    `export async function up(knex: Knex): Promise<void> { ${up} }`,
    `export async function down(knex: Knex): Promise<void> { ${down} }`,
    '',
  ].join('\n')
}

/** A graph as it is drawn: `'aaaa > bbbb, aaaa > cccc'`, each revision in a file of its own, in the order of first mention. */
export function drawn(graph: string): Record<string, string> {
  const parents = new Map<string, string[]>()
  for (const line of graph.split(',')) {
    const chain = line.split('>').map((id) => id.trim())
    for (const [index, id] of chain.entries()) {
      const own = parents.get(id) ?? []
      parents.set(id, own)
      const parent = chain[index - 1]
      if (parent !== undefined && !own.includes(parent)) own.push(parent)
    }
  }
  return Object.fromEntries(
    [...parents].map(([id, ids], index) => [
      `migrations/${String(index + 1).padStart(3, '0')}_${id}.ts`,
      migration(id, ids.length === 0 ? null : ids.length === 1 ? (ids[0] ?? null) : ids),
    ]),
  )
}

/** What the history of a project's SQLite database says, in the order of application; null when there is no database. */
export function appliedIn(project: Project, file = 'mig.sqlite3'): string[] | null {
  return (
    rowsIn(project, 'select revision from mig_history order by serial', file)?.map(({ revision }) =>
      String(revision),
    ) ?? null
  )
}

export function rowsIn(project: Project, sql: string, file = 'mig.sqlite3'): Record<string, unknown>[] | null {
  if (statSync(project.path(file), { throwIfNoEntry: false }) === undefined) return null
  const database = new Sqlite(project.path(file), { readonly: true })
  try {
    return database.prepare(sql).all() as Record<string, unknown>[]
  } finally {
    database.close()
  }
}

/** Everything in a project's folder, byte for byte, to see that nothing changed. */
export function snapshot(project: Project): Record<string, string> {
  const names = readdirSync(project.folder, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    names
      .filter(
        (name) =>
          !name.startsWith('node_modules') && statSync(join(project.folder, name), { throwIfNoEntry: false })?.isFile(),
      )
      .map((name) => [name, readFileSync(join(project.folder, name)).toString('base64')]),
  )
}

/** Gives the `up` of every freshly generated file something to do, as its author would. */
export function writeBodies(project: Project, folder = 'migrations'): void {
  for (const name of readdirSync(project.path(folder)).filter((file) => /\.[cm]?[jt]s$/.test(file))) {
    const path = `${folder}/${name}`
    project.write(
      path,
      project.read(path).replace(/(up\(knex[^{]*\{\n) *\/\/ await .*/, `$1  await knex.raw('select 1')`),
    )
  }
}
