// What people type who come from another tool: which command does that here, and what differs.

/** The way to do it here. */
export interface Answer {
  /** A command line that works when it is pasted. */
  readonly line: string
  /** What that does, and what differs: half a sentence. */
  readonly does: string
}

const latest: Answer = { line: 'mig upgrade', does: 'upgrade applies everything that is pending' }
const next: Answer = { line: 'mig upgrade +1', does: 'upgrade applies what is pending, and with +1 the next one only' }
const last: Answer = { line: 'mig downgrade -1', does: 'downgrade takes down the last one; there are no batches' }
const all: Answer = { line: 'mig downgrade base', does: 'downgrade takes everything down, one after the other' }
const again: Answer = { line: 'mig downgrade -1 && mig upgrade', does: 'take the last one down and apply it again' }
const anew: Answer = { line: 'mig downgrade base && mig upgrade', does: 'take everything down and apply it again' }
const standing: Answer = { line: 'mig current', does: 'current says where the database stands' }
const listed: Answer = { line: 'mig history', does: 'history lists all revisions, applied and pending' }
const checked: Answer = { line: 'mig check', does: 'check compares files, graph and history' }
const marked: Answer = { line: 'mig stamp head', does: 'stamp marks everything as applied, and runs nothing' }
const repaired: Answer = { line: 'mig check', does: 'check says what does not fit, and the way on for each' }
const unlocked: Answer = { line: 'mig lock', does: 'a lock ends with its run, and lock says who has it' }
const seeded: Answer = {
  line: 'mig generate -m "seed data"',
  does: 'rows are written by a migration; there are no seeds',
}

/** What Knex, Rails, Sequelize, Prisma, TypeORM, MikroORM, Flyway, Liquibase, Atlas, Sqitch, goose and dbmate call it. */
const spellings: readonly (readonly [Answer, spellings: string])[] = [
  [latest, 'migrate:latest, latest, migrate, run, apply, deploy, push, update, sync, execute'],
  [latest, 'migrate deploy, migrate dev, migrate up, migrate latest, migrate run, migrate apply, schema apply'],
  [latest, 'migration:run, migration:up, db:migrate, db migrate, db push, db update'],
  [next, 'up, migrate:up, up-by-one, next, db:migrate:up'],
  [
    last,
    'rollback, revert, undo, down, migrate:rollback, migrate:down, migrate:undo, migration:revert, migration:down',
  ],
  [last, 'migrate down, migrate rollback, migrate revert, db rollback, db:rollback, db:migrate:undo, db:migrate:down'],
  [all, 'drop, clean, down-to, db:migrate:undo:all'],
  [again, 'redo, rework, migrate:redo, migrate redo, db:migrate:redo'],
  [anew, 'reset, fresh, refresh, migrate:reset, migrate:fresh, migrate:refresh, migration:fresh'],
  [anew, 'migrate reset, migrate fresh, db reset, db:reset'],
  [standing, 'info, version, state, migrate:status, migrate status, migrate version, migrate:currentversion'],
  [standing, 'currentversion, db:migrate:status, db:version'],
  [listed, 'list, ls, plan, tree, graph, pending, migrations, migrate:list, migrate list'],
  [listed, 'migration:list, migration:pending, migration:show'],
  [checked, 'validate, verify, lint, doctor, test, migrate:validate, migrate validate, migrate lint, migration:check'],
  [marked, 'baseline, mark, adopt, changelog-sync, ensure_version, migrate baseline'],
  [repaired, 'repair, fix, force, clear-checksums, migrate repair, migrate resolve, migrate force'],
  [unlocked, 'unlock, force-unlock, release-locks, migrate:unlock, migrate unlock'],
  [seeded, 'seed, seed:run, seed:make, db seed, db:seed, db:seed:all'],
]

/** Words after which a name follows: a new migration. */
const making =
  'new, create, make, add, gen, make:migration, migrate:make, migrate:new, migrate:create, migrate new, ' +
  'migrate create, migrate make, migrate diff, migration:create, migration:generate, migration:new, add-migration, ' +
  'db:migration:create, generate:migration, create:migration'

/** `words`: what was typed, without options. Null for what no tool that is known here says so. */
export function answerTo(words: readonly string[]): Answer | null {
  const [one = '', two = ''] = words.map((word) => word.toLowerCase())
  const both = `${one} ${two}`
  if (isIn(making, both)) return makes(words.slice(2))
  const answer = answerOf(both)
  if (answer !== null) return answer
  return isIn(making, one) ? makes(words.slice(1)) : answerOf(one)
}

function answerOf(word: string): Answer | null {
  return spellings.find(([, list]) => isIn(list, word))?.[0] ?? null
}

/** Whether a word is in a list with commas: the lists are read once at most, by whoever mistyped. */
export function isIn(list: string, word: string): boolean {
  return list.split(', ').includes(word)
}

/** As it would have been called: `add_cities` → "add cities". */
function makes(named: readonly string[]): Answer {
  const message = named
    .join(' ')
    .replace(/[\s_-]+/g, ' ')
    .trim()
  return { line: `mig generate ${messageOption(message)}`, does: 'generate writes a migration on the current head' }
}

/** In quotes, without what a shell reads in them. */
export function messageOption(text: string): string {
  return `-m "${text.replace(/["\\$`!]/g, '').trim() || 'what it does'}"`
}
