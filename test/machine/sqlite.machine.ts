// The random machine on SQLite.

import { testMachine } from './machine.js'

testMachine('sqlite')
