// Who may change migrations: they are code that runs with the rights of whoever runs mig.

import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Diagnostic } from '../core/diagnostic.js'
import { shellWord } from '../core/shell.js'
import { display } from './texts.js'

/** One warning for each folder that everyone can write into, or in which everyone can write one of `files`. */
export function findWorldWritable(
  root: string,
  folders: readonly string[],
  files: readonly string[],
): readonly Diagnostic[] {
  if (process.platform === 'win32') return [] // modes say nothing there
  return [...new Set(folders)].flatMap((folder) => {
    const open = [folder, ...files.filter((file) => dirname(file) === folder)].filter(isWorldWritable)
    return open.length === 0
      ? []
      : [
          worldWritable(
            display(root, folder),
            open.map((path) => display(root, path)),
          ),
        ]
  })
}

function worldWritable(folder: string, open: readonly string[]): Diagnostic {
  const [first = folder, ...others] = open
  const all = others.length === 0 ? first : `${first} and ${others.length} more`
  return {
    code: 'graph.world-writable',
    severity: 'warning',
    message: `Every user of this machine can write ${all}; what lies there runs with the rights of whoever runs mig, and with those of the database user.`,
    hint: `chmod o-w ${open.slice(0, 3).map(shellWord).join(' ')}${open.length > 3 ? ' …' : ''}`,
    path: folder,
  }
}

function isWorldWritable(path: string): boolean {
  try {
    return (statSync(path).mode & 0o002) !== 0
  } catch {
    return false // gone since it was read: whoever loads it says so
  }
}
