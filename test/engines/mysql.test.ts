// MySQL or MariaDB passes the conformance suite.

import { conformance } from './conformance.js'

conformance('mysql')
