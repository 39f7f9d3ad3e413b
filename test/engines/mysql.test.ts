// MySQL or MariaDB passes the suites that every engine must pass.

import { activity } from './activity.js'
import { conformance } from './conformance.js'
import { effects } from './effects.js'
import { sessionState } from './session-state.js'
import { statements } from './statements.js'

conformance('mysql')
effects('mysql')
sessionState('mysql')
statements('mysql')
activity('mysql')
