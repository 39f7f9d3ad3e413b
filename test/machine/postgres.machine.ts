// The random machine on PostgreSQL.

import { testMachine } from './machine.js'

testMachine('postgres')
