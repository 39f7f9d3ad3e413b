// The random machine on MySQL and MariaDB.

import { testMachine } from './machine.js'

testMachine('mysql')
