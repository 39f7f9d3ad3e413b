// PostgreSQL passes the conformance suite.

import { conformance } from './conformance.js'

conformance('postgres')
