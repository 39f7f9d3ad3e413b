// A folder of one's own for a test, removed after the last test of the file.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { afterAll } from '@jest/globals'

import { readRunReport } from './servers/report.js'

const created: string[] = []

/** The absolute path of a new folder with these files (path → content). */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = mkdtempSync(join(readRunReport().folder, 'folder-'))
  created.push(folder)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

/** The text of a sound migration. */
export function migrationText(revision: string, downRevision: string | null = null): string {
  return `export const revision = '${revision}'
export const downRevision = ${downRevision === null ? 'null' : `'${downRevision}'`}
export async function up() {}
export async function down() {}
`
}

afterAll(() => {
  for (const folder of created) rmSync(folder, { recursive: true, force: true })
})
