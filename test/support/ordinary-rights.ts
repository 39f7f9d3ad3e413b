// Root may read and write everything. What a user may not do is tried in a process that has lost those rights.

import { spawnSync } from 'node:child_process'

import { test } from '@jest/globals'

/** In front of a command line; nothing for a user whom modes hold anyway. */
export const ordinaryRights: readonly string[] =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search,-fowner'] : []

/** A test of what the mode of a file forbids; skipped where there are no modes, or root cannot give up its rights. */
export const testWithModes = canLoseRights() ? test : test.skip

function canLoseRights(): boolean {
  if (process.platform === 'win32') return false
  const [command, ...args] = [...ordinaryRights, 'true']
  return spawnSync(command, args).status === 0
}
