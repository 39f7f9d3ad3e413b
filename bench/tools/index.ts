// The list of what is measured, in the order of the tables.

import { alembic } from './alembic.js'
import { dbmate } from './dbmate.js'
import { driver } from './driver.js'
import { driverReplay } from './driver-replay.js'
import { knexJavaScript, knexTypeScript } from './knex.js'
import { kysely } from './kysely.js'
import { mig, migAtOnce } from './mig.js'
import { node } from './node.js'
import { nodePgMigrate } from './node-pg-migrate.js'
import type { Tool } from './tool.js'
import { typeorm } from './typeorm.js'
import { umzug } from './umzug.js'

export const tools: readonly Tool[] = [
  node,
  driver,
  driverReplay,
  mig,
  migAtOnce,
  knexTypeScript,
  knexJavaScript,
  kysely,
  umzug,
  nodePgMigrate,
  typeorm,
  dbmate,
  alembic,
]
