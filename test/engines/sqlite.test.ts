// SQLite passes the suites that every engine must pass.

import { activity } from './activity.js'
import { conformance } from './conformance.js'
import { effects } from './effects.js'
import { sessionState } from './session-state.js'
import { statements } from './statements.js'

conformance('sqlite')
effects('sqlite')
sessionState('sqlite')
statements('sqlite')
activity('sqlite')
