// The history in migrations/ tells its story on each engine: up, down, and up again.

import { cpSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from '@jest/globals'

import { forEachEngine } from '../support/engines.js'
import { repository } from '../support/program.js'
import { createProject } from '../support/project.js'

const heads = { library: '8c1f5a0b7d2e', cinema: '5b9e3d61f0a4', merge: 'a7d20c4e9b13' }

forEachEngine((engine) => {
  test('the sample history goes up, down, and up again', async () => {
    const project = createProject()
    cpSync(join(repository, 'migrations'), project.path('migrations'), { recursive: true })
    const database = await engine.createDatabase()
    const env = { MIG_DATABASE_URL: database.url }
    const run = async (...args: string[]) => {
      const result = await project.run(args, { env })
      expect({ args, code: result.code, stderr: result.stderr }).toEqual({ args, code: 0, stderr: '' })
      return result.stdout
    }
    const users = async () => (await database.query('select name from users order by id')).map(({ name }) => name)

    expect(await run('upgrade', 'head')).toMatch(/Applying 10 revisions:[^]*Now at head a7d20c4e9b13\./)
    expect(await users()).toEqual(['admin', 'Ada Lovelace', 'José Müller'])
    expect(await run('check')).toBe('No problems. 10 revisions, 1 head, 0 pending.\n')
    expect(await run('downgrade', '-1')).toMatch(new RegExp(`Now at heads ${heads.library}, ${heads.cinema}\\.`))
    expect(await run('downgrade', 'library@base', '--dry-run').catch(() => 'refused')).toBe('refused')
    expect(await run('downgrade', '0501ccd1d98c')).toMatch(/Now at head 0501ccd1d98c\./)
    expect(await run('downgrade', 'dce8812d7b6f')).toMatch(/Now at head dce8812d7b6f\./)
    expect(await users()).toEqual(['root', 'Ada Lovelace', 'José Müller'])
    expect(await run('upgrade', 'library@head')).toMatch(/Now at head a7d20c4e9b13\./)
    expect(await run('downgrade', 'base')).toMatch(/Now at base \(nothing applied\)\./)
    expect(await run('upgrade')).toMatch(/Now at head a7d20c4e9b13\./)
    expect(await users()).toEqual(['admin', 'Ada Lovelace', 'José Müller'])
    const current = JSON.parse(await run('current', '--json')) as {
      place: { engine: string }
      heads: { revision: string; message: string }[]
    }
    expect(current.place.engine).toBe(engine.name)
    expect(current.heads).toEqual([
      expect.objectContaining({ revision: heads.merge, message: 'merge library and cinema' }),
    ])
  })
})
