// Options that other tools have: what there is here instead.

import { type Answer, isIn } from './other-tools.js'

/** Of these commands (none named: of all): options without their dashes → what there is instead. `mig *`: the command typed. */
const spellings: readonly (readonly [commands: string, options: string, line: string, does: string])[] = [
  ['history', 'r, range, rev-range', 'mig history current:head', 'a range is an argument'],
  ['history', 'n, limit, last, max-count', 'mig history current:head', 'it lists all, and a range shortens it'],
  ['history', 'label, branch, branch-label', 'mig history --graph', 'labels are shown beside their revisions'],
  ['log', 'n, last, max-count', 'mig log --limit 20', 'the last entries are asked for with --limit'],
  [
    'generate',
    'autogenerate, auto, diff',
    'mig generate -m "what it does"',
    'nothing is compared: up and down are yours',
  ],
  ['generate', 'n, name, title, label', 'mig generate -m "what it does"', 'the message names the file, too'],
  ['upgrade', 't, to, target, rev, revision, version, toRev', 'mig upgrade head', 'the target is an argument'],
  ['downgrade', 't, to, target, rev, revision, version', 'mig downgrade -1', 'the target is an argument'],
  [
    'upgrade',
    'n, step, steps, count, number, amount',
    'mig upgrade +1',
    'a number of revisions is an argument with a sign',
  ],
  [
    'downgrade',
    'n, step, steps, count, number',
    'mig downgrade -1',
    'a number of revisions is an argument with a sign',
  ],
  ['upgrade', 'a, all', 'mig upgrade heads', 'all branches are called heads'],
  ['downgrade', 'a, all', 'mig downgrade base', 'everything down is called base'],
  [
    'upgrade, downgrade, stamp',
    'sql, script, plan, preview',
    'mig * --dry-run',
    'no script is written; --dry-run shows what would run',
  ],
  ['', 'c, config-file, knexfile, cfg', 'mig * --config knexfile.js', 'the file of the configuration is --config'],
  [
    '',
    'u, url, uri, dsn, db, database, connection',
    'mig * --database-url "$DATABASE_URL"',
    'the database is --database-url',
  ],
  ['', 'e, environment, profile', 'mig * --env development', 'the environment is --env'],
  ['', 's, silent, no-verbose', 'mig * --quiet', 'it says less with --quiet'],
  ['', 'd, dir, directory, migrations, migrations-dir, path', 'mig *', 'the folder is `migrations` in mig.config.ts'],
]

/** `option` as it was typed: `--sql`, `-n`. Null for what no tool that is known here has. */
export function answerToOption(command: string, option: string): Answer | null {
  const name = option.replace(/^--?/, '').split('=')[0] ?? ''
  const found = spellings.find(
    ([commands, options]) => (commands === '' || isIn(commands, command)) && isIn(options, name),
  )
  if (found === undefined) return null
  const [, , line, does] = found
  return { line: line.replace('*', command), does }
}
