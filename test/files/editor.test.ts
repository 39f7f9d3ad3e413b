// The user's editor: a command, perhaps with options and quotes.

import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from '@jest/globals'
import { openEditor } from '../../src/files/editor.js'
import { folderWith } from '../support/folder.js'
import { errorOfAsync, saidBy } from '../support/thrown.js'

/** An editor that writes its arguments to `log` and ends with `code`. */
function editorIn(name: string, code = 0) {
  const folder = folderWith({ [name]: `#!/bin/sh\nprintf '%s\\n' "$@" > "$(dirname "$0")/log"\nexit ${code}\n` })
  chmodSync(join(folder, name), 0o755)
  return { command: join(folder, name), log: () => readFileSync(join(folder, 'log'), 'utf8') }
}

test.each([
  ['', ''],
  [' --wait', '--wait\n'],
  ['  -w   -n ', '-w\n-n\n'],
  [` --title 'my file' "x y"`, '--title\nmy file\nx y\n'],
])('is given its own options%s and the files', async (options, expected) => {
  const { command, log } = editorIn('ed.sh')
  await openEditor(` ${command}${options}`, ['a b.ts', "it's.ts", '$(x).ts'])
  expect(log()).toBe(`${expected}a b.ts\nit's.ts\n$(x).ts\n`)
})

test('may lie in a folder with blanks', async () => {
  const { command, log } = editorIn('my editor.sh')
  await openEditor(`"${command}" -w`, ['a.ts'])
  expect(log()).toBe('-w\na.ts\n')
})

test.each([undefined, '', '  '])('%j is no editor', async (editor) => {
  expect(saidBy(await errorOfAsync(() => openEditor(editor, ['a.ts'])))).toMatch(
    /^usage\.no-editor: No editor is set\.\nexport EDITOR=nano/,
  )
})

test('that is not installed is named', async () => {
  const error = await errorOfAsync(() => openEditor('no-such-editor -w', ['a.ts']))
  expect(error).toMatchObject({ code: 'usage.no-editor', exitCode: 2 })
  expect(saidBy(error)).toMatch(/editor no-such-editor could not be started: it does not exist[^]*Set EDITOR/)
})

test('that fails is named with its code', async () => {
  const error = await errorOfAsync(() => openEditor(editorIn('ed.sh', 3).command, ['a.ts']))
  expect(saidBy(error)).toMatch(/ended with code 3\.\nThe file is as the editor left it/)
})

test('that is killed is named too', async () => {
  expect((await errorOfAsync(() => openEditor(`sh -c 'kill -9 $$'`, []))).message).toMatch(/ended with a signal/)
})
