// SQLite passes the conformance suite.

import { conformance } from './conformance.js'

conformance('sqlite')
