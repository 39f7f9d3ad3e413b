// What people type who come from another tool: the answer names the command that does it here.

import { expect, test } from '@jest/globals'

import { answerTo } from '../../src/cli/other-tools.js'
import { parse, type ParseRequest } from '../../src/cli/parse.js'

const request: ParseRequest = { version: '', width: 80, shell: undefined, readNames: () => Promise.resolve([]) }

test.each([
  ['migrate:latest', 'mig upgrade'],
  ['migrate:up', 'mig upgrade +1'],
  ['migrate:down', 'mig downgrade -1'],
  ['migrate:rollback', 'mig downgrade -1'],
  ['migrate:rollback --all', 'mig downgrade -1'],
  ['migrate:list', 'mig history'],
  ['migrate:status', 'mig current'],
  ['migrate:currentVersion', 'mig current'],
  ['migrate:unlock', 'mig lock'],
  ['migrate:make add_cities', 'mig generate -m "add cities"'],
  ['migrate:make', 'mig generate -m "what it does"'],
  ['rollback', 'mig downgrade -1'],
  ['up', 'mig upgrade +1'],
  ['Up', 'mig upgrade +1'],
  ['down', 'mig downgrade -1'],
  ['list', 'mig history'],
  ['ls', 'mig history'],
  ['new add-cities', 'mig generate -m "add cities"'],
  ['create add cities', 'mig generate -m "add cities"'],
  ['make add_cities', 'mig generate -m "add cities"'],
  ['make', 'mig generate -m "what it does"'],
  ['migrate', 'mig upgrade'],
  ['migrate dev', 'mig upgrade'],
  ['migrate dev --name cities', 'mig upgrade'],
  ['migrate deploy', 'mig upgrade'],
  ['migrate reset', 'mig downgrade base && mig upgrade'],
  ['migrate resolve', 'mig check'],
  ['migrate diff', 'mig generate -m "what it does"'],
  ['migrate something', 'mig upgrade'],
  ['info', 'mig current'],
  ['apply', 'mig upgrade'],
  ['schema apply', 'mig upgrade'],
  ['unlock', 'mig lock'],
  ['redo', 'mig downgrade -1 && mig upgrade'],
  ['reset', 'mig downgrade base && mig upgrade'],
  ['db:migrate', 'mig upgrade'],
  ['db:rollback', 'mig downgrade -1'],
  ['db:migrate:undo', 'mig downgrade -1'],
  ['migration:run', 'mig upgrade'],
  ['migration:generate src/AddCities', 'mig generate -m "src/AddCities"'],
  ['baseline', 'mig stamp head'],
  ['repair', 'mig check'],
  ['validate', 'mig check'],
  ['deploy', 'mig upgrade'],
  ['revert', 'mig downgrade -1'],
  ['seed:run', 'mig generate -m "seed data"'],
  ['--env test rollback', 'mig downgrade -1'],
])('mig %s', async (typed, line) => {
  await expect(parse(typed.split(' '), request)).rejects.toMatchObject({ code: 'usage.unknown-command', hint: line })
})

test.each([
  ['history -r a:b', 'mig history current:head'],
  ['history --rev-range a:b', 'mig history current:head'],
  ['history --rev-range=a:b', 'mig history current:head'],
  ['history -n 5', 'mig history current:head'],
  ['history --limit 5', 'mig history current:head'],
  ['history --label billing', 'mig history --graph'],
  ['log -n 5', 'mig log --limit 20'],
  ['upgrade --sql', 'mig upgrade --dry-run'],
  ['downgrade --sql', 'mig downgrade --dry-run'],
  ['upgrade --to head', 'mig upgrade head'],
  ['upgrade --all', 'mig upgrade heads'],
  ['upgrade --step 1', 'mig upgrade +1'],
  ['downgrade --steps=2', 'mig downgrade -1'],
  ['downgrade --all', 'mig downgrade base'],
  ['generate --autogenerate -m x', 'mig generate -m "what it does"'],
  ['revision --autogenerate', 'mig generate -m "what it does"'],
  ['generate --name cities', 'mig generate -m "what it does"'],
  ['current --knexfile knexfile.js', 'mig current --config knexfile.js'],
  ['upgrade --url postgres://x', 'mig upgrade --database-url "$DATABASE_URL"'],
  ['upgrade -e production', 'mig upgrade --env development'],
  ['upgrade --silent', 'mig upgrade --quiet'],
  ['upgrade --migrations ./m', 'mig upgrade'],
])('mig %s: what there is instead', async (typed, line) => {
  await expect(parse(typed.split(' '), request)).rejects.toMatchObject({ code: 'usage.bad-option', hint: line })
})

test('a message without -m is a message', async () => {
  await expect(parse(['generate', 'add cities'], request)).rejects.toMatchObject({
    code: 'usage.bad-option',
    message: 'There is no place for “add cities” in mig generate.',
    hint: 'mig generate -m "add cities"',
  })
  await expect(parse(['generate', 'add', 'cities'], request)).rejects.toMatchObject({
    hint: 'mig generate -m "add cities"',
  })
  await expect(parse(['upgrade', 'a', 'b'], request)).rejects.toMatchObject({
    hint: 'Put texts with spaces into quotes.',
  })
})

test('the answer says what it does, and what differs', async () => {
  await expect(parse(['rollback'], request)).rejects.toMatchObject({
    message: 'mig has no command “rollback”; downgrade takes down the last one; there are no batches.',
  })
})

test('a line that is pasted runs nothing but mig', () => {
  expect(answerTo(['new', '$(rm -rf /)', '`x`', '"; y'])?.line).toBe('mig generate -m "(rm rf /) x ; y"')
})

test('the line can be read', async () => {
  const lines = ['latest', 'up', 'down', 'drop', 'redo', 'reset', 'info', 'list', 'validate', 'mark', 'fix', 'unlock']
  for (const word of [...lines, 'seed', 'new x'])
    for (const line of (answerTo(word.split(' '))?.line ?? '').split(' && ')) {
      const [mig, ...words] = line.match(/"[^"]*"|\S+/g) ?? []
      expect(mig).toBe('mig')
      const parsed = await parse(
        words.map((text) => text.replaceAll('"', '')),
        request,
      )
      expect(parsed.kind).toBe('command')
    }
})

test('what nobody says is no answer', () => {
  expect(answerTo(['frobnicate'])).toBeNull()
  expect(answerTo([])).toBeNull()
})
