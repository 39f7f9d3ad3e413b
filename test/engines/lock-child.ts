// A process that works with an engine's lock, by itself: `hold URL KEY [SQL]` takes it and keeps it, in a statement if one
// is given; `count URL KEY FILE TIMES` adds one to the number in a file that often, each time under the lock.

import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { loadPackage } from '../../src/engines/driver.js'
import { chooseEngine } from '../../src/engines/index.js'

const [what = '', url = '', key = '', last = '', times = ''] = process.argv.slice(2)
const label = `test child ${process.pid}`
const { engine, settings } = await chooseEngine(url, process.cwd())

const connection = engine.open(loadPackage(settings.root, engine.driver), settings, 'run')
await connection.connect()
await engine.prepareRun(connection, label)

if (what === 'hold') {
  if (!(await engine.lock.tryLock(connection, key, label))) throw new Error('the lock is not free')
  console.log('holding')
  if (last !== '') await connection.query(last)
  await sleep(120_000)
} else {
  for (let count = 0; count < Number(times); count++) {
    while (!(await engine.lock.tryLock(connection, key, label))) await sleep(5)
    const before = Number(readFileSync(last, 'utf8'))
    await sleep(2)
    writeFileSync(last, String(before + 1))
    await engine.lock.unlock(connection, key)
  }
  await connection.close()
}
