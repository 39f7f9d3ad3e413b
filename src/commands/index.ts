// The list of commands, in the order of `mig --help`.

import { branches } from './branches.js'
import { check } from './check.js'
import type { AnyCommand } from './workplace/command.js'
import { current } from './current.js'
import { downgrade } from './downgrade.js'
import { edit } from './edit.js'
import { generate } from './generate.js'
import { heads } from './heads.js'
import { history } from './history.js'
import { init } from './init.js'
import { lock } from './lock.js'
import { log } from './log.js'
import { merge } from './merge.js'
import { resolve } from './resolve.js'
import { show } from './show.js'
import { stamp } from './stamp.js'
import { upgrade } from './upgrade.js'

export const commands: readonly AnyCommand[] = [
  init,
  generate,
  merge,
  upgrade,
  downgrade,
  stamp,
  current,
  history,
  heads,
  branches,
  show,
  check,
  resolve,
  lock,
  log,
  edit,
]
