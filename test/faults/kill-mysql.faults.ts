// MySQL and MariaDB: killed before and after every statement.

import { engineNamed } from '../support/engines.js'
import { killEverywhere } from './support/kill-everywhere.js'

await killEverywhere('A6 A8 A9 A12 MySQL', { engine: engineNamed('mysql') })
