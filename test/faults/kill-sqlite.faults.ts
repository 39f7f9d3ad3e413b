// SQLite: killed before and after every statement, with a rollback journal and with a write-ahead log.

import { engineNamed } from '../support/engines.js'
import { killEverywhere } from './support/kill-everywhere.js'

const engine = engineNamed('sqlite')

await killEverywhere('A1 A2 A4 A12 SQLite', { engine })
await killEverywhere('A1 A2 A4 A12 SQLite in WAL mode', { engine, prepare: 'pragma journal_mode = wal' })
