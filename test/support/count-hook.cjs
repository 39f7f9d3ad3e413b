// Preloaded into a run of mig: counts what it opens, loads and sends, and tells it at the end as JSON into COUNT_FILE.

const fs = require('node:fs')
const { Session } = require('node:inspector')
const { syncBuiltinESMExports } = require('node:module')

const counts = { files: [], folders: [], scripts: [], statements: [] }
const writeFileSync = fs.writeFileSync

const session = new Session()
session.connect()
session.on('Debugger.scriptParsed', ({ params }) => {
  if (/^(file:\/\/)?\//.test(params.url)) counts.scripts.push(params.url.replace(/^file:\/\//, ''))
})
session.post('Debugger.enable')

for (const [name, list] of [
  ['readFileSync', counts.files],
  ['readdirSync', counts.folders],
]) {
  const original = fs[name]
  fs[name] = (path, ...others) => {
    list.push(String(path))
    return original(path, ...others)
  }
}
syncBuiltinESMExports()

const Sqlite = require('better-sqlite3')
const { prepare } = Sqlite.prototype
Sqlite.prototype.prepare = function (sql) {
  counts.statements.push(sql)
  return prepare.call(this, sql)
}
counts.scripts.length = 0

process.on('exit', () => writeFileSync(process.env.COUNT_FILE, JSON.stringify(counts)))
