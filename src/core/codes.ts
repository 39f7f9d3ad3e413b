// Every code that mig can say, with what it means and who must act. A code never changes its meaning.

/** Who must act, and with it the exit code of the process. */
export const exitCodes = {
  migration: 1,
  usage: 2,
  lock: 3,
  graph: 4,
  history: 5,
  partial: 6,
  finding: 7,
  engine: 8,
  internal: 70,
  interrupted: 130,
} as const

export type Kind = keyof typeof exitCodes

interface Meaning {
  readonly kind: Kind
  /** One sentence for the reference: what is so. */
  readonly means: string
  /** One sentence: what to do. */
  readonly act: string
}

/** The reference of codes, in the order in which the documentation lists them. */
export const codes = {
  'migration.failed': {
    kind: 'migration',
    means:
      'A migration threw, or the database refused one of its statements. Its transaction was rolled back; earlier migrations stay.',
    act: 'Fix the migration and run the same command again: it continues where it stopped.',
  },
  'migration.no-statement': {
    kind: 'migration',
    means: 'A migration built something that would change the schema or rows, and never ran it: `await` is missing.',
    act: 'Write `await` before it at the line that the message names, or take it out.',
  },
  'migration.unused-query': {
    kind: 'migration',
    means: 'A warning: a migration built a query that only reads, or a piece of SQL, and never ran it.',
    act: 'Write `await` before it if it was meant to run; else take it out.',
  },
  'migration.nothing-done': {
    kind: 'migration',
    means: 'A warning: `up` of a migration sent no query by its Knex, perhaps because it has nothing to do here.',
    act: 'If it never has anything to do, say so: `export const empty = true`.',
  },
  'migration.lost': {
    kind: 'migration',
    means: 'A migration rebuilt a table of SQLite, as Knex alters tables, and a trigger went with the old one.',
    act: 'Make the trigger again at the end of the migration; its text is with the message. If it is meant to go, drop it in a migration before.',
  },
  'migration.irreversible': {
    kind: 'migration',
    means: 'A downgrade would pass a migration that says it cannot be undone.',
    act: 'Stop above it, or write a new migration that goes forward.',
  },
  'migration.needs-no-transaction': {
    kind: 'migration',
    means:
      'A migration has a statement that the database refuses inside a transaction. It was found before it was sent.',
    act: 'Add `export const transaction = false` to the migration.',
  },
  'migration.needs-own-session': {
    kind: 'migration',
    means:
      'Behind a pooler a migration has a statement that leaves something in its session: a setting, a temporary table, a lock. The next client of the pooler would find it there. It was found before it was sent.',
    act: 'Use `set local` inside a transaction, or run the migration over a direct connection to the server.',
  },
  'migration.timeout': {
    kind: 'migration',
    means: 'A migration took longer than --timeout allows. It was stopped and rolled back.',
    act: 'Find what it waited for, or allow more time.',
  },
  'migration.session-changed': {
    kind: 'migration',
    means:
      'A migration left a setting of its session changed. It was set back, so that the next migration finds it as it was.',
    act: 'Set it back in the migration itself, or use `set local` where there is one.',
  },
  'migration.session-lost': {
    kind: 'migration',
    means:
      'A migration left its session with something that cannot be set back: another database, a user that is lost. It is applied; the run stopped before the next one, which would have run with that.',
    act: 'Run the same command again: it has a session of its own, and continues there.',
  },
  'usage.unknown-command': { kind: 'usage', means: 'There is no such command.', act: 'See `mig --help`.' },
  'usage.bad-option': {
    kind: 'usage',
    means: 'An option or argument is unknown, missing, or has a value it cannot have.',
    act: 'See `mig COMMAND --help`.',
  },
  'usage.target-required': {
    kind: 'usage',
    means: '`downgrade` and `stamp` never guess how far: they require a target.',
    act: 'Name one: `mig downgrade -1`, a revision, or `base`.',
  },
  'usage.not-confirmed': {
    kind: 'usage',
    means: 'A command asked before it wrote something, and the answer was no; or nobody was there to ask.',
    act: 'Say it with --yes, when it is what you want.',
  },
  'usage.not-unfinished': {
    kind: 'usage',
    means: '`mig resolve` was given a revision that is not left unfinished.',
    act: 'See `mig current` for what is unfinished; to mark a revision without running it, use `mig stamp`.',
  },
  'usage.file-exists': {
    kind: 'usage',
    means: 'A file that would be written is already there. Nothing was written.',
    act: 'Move it away, or choose another name.',
  },
  'usage.write-failed': {
    kind: 'usage',
    means: 'A file could not be written (full disk, missing rights). No half file was left.',
    act: 'Make room or grant the right, and run the command again.',
  },
  'usage.bad-template': {
    kind: 'usage',
    means: 'A template cannot be used: it is missing, lies outside the project, or does not produce a migration.',
    act: 'Compare it with the template that `mig init` writes.',
  },
  'usage.no-editor': {
    kind: 'usage',
    means: '`mig edit` found no editor, or the editor failed.',
    act: 'Set the environment variable EDITOR.',
  },
  'usage.visible-password': {
    kind: 'usage',
    means: 'A warning: a password was typed on the command line, where other users of the machine can see it (`ps`).',
    act: 'Put the URL into the environment variable MIG_DATABASE_URL, or into the configuration.',
  },
  'config.not-found': {
    kind: 'usage',
    means: 'A configuration file or a migrations folder that was named does not exist.',
    act: 'Check the path, or run `mig init`.',
  },
  'config.invalid': {
    kind: 'usage',
    means: 'The configuration has mistakes; each is named with its key and what is expected.',
    act: 'Correct the keys that the message names.',
  },
  'config.failed': {
    kind: 'usage',
    means: 'The configuration file (or a knexfile it names) threw while it was loaded.',
    act: 'Fix the file at the line that the message names.',
  },
  'config.bad-url': {
    kind: 'usage',
    means: 'A database URL cannot be read. The URL itself is never printed.',
    act: 'Write sqlite:path, postgres://user:password@host:port/name or mysql://user:password@host:port/name.',
  },
  'target.unknown': {
    kind: 'usage',
    means: 'No revision or branch label is called so, or the text is no form of target.',
    act: 'See `mig history`; the message names what looks alike.',
  },
  'target.ambiguous': {
    kind: 'usage',
    means: 'A partial id fits several revisions, or a relative target could lead to several.',
    act: 'Type more letters of the one you mean; the message lists them.',
  },
  'target.multiple-heads': {
    kind: 'usage',
    means: 'The target requires one head, and there are several.',
    act: 'Name one of them, use `heads`, or join them with `mig merge`.',
  },
  'target.out-of-range': {
    kind: 'usage',
    means: 'A relative target counts further than there are revisions, or counts nothing.',
    act: 'Count fewer; `mig history` shows how many there are.',
  },
  'target.not-in-branch': {
    kind: 'usage',
    means: 'The revision is not in the lineage of the branch that was named with it.',
    act: 'Leave the branch out, or name the right one.',
  },
  'target.not-applied': {
    kind: 'usage',
    means: 'A downgrade can only stop at a revision that is applied.',
    act: 'See `mig current`.',
  },
  'target.outside-branch': {
    kind: 'usage',
    means: 'A downgrade limited to one branch would take down revisions outside it.',
    act: 'Downgrade without the label, or take the other branch down first.',
  },
  'lock.held': {
    kind: 'lock',
    means: 'Another run holds the lock of this database and did not free it in time. Nothing was changed.',
    act: 'Wait for it, or raise --lock-timeout.',
  },
  'lock.lost': {
    kind: 'lock',
    means: 'Another run changed the history while this one worked. The migration at hand was rolled back.',
    act: 'Run the command again.',
  },
  'lock.timeout': {
    kind: 'lock',
    means:
      'A statement of a migration waited in vain for a lock of somebody else, at each try. It was rolled back each time.',
    act: 'Find the session that holds the table, or choose a quieter moment, and run the same command again.',
  },
  'graph.cycle': {
    kind: 'graph',
    means: 'Revisions depend on each other in a circle.',
    act: 'Correct `downRevision` or `dependsOn` in one of the files of the path.',
  },
  'graph.missing-parent': {
    kind: 'graph',
    means: 'A revision names a parent or dependency that no file has.',
    act: 'Restore the missing file, or correct the id.',
  },
  'graph.duplicate-revision': {
    kind: 'graph',
    means: 'Two files have the same revision id.',
    act: 'Give the newer one an id of its own.',
  },
  'graph.duplicate-label': {
    kind: 'graph',
    means: 'A branch label is used twice, or equals a revision id.',
    act: 'Rename one of them.',
  },
  'graph.illegal-id': {
    kind: 'graph',
    means: 'A revision id or branch label is a reserved word or has characters that could be misread.',
    act: 'Use letters, digits, `_`, `.` and inner `-`; at most 64 characters.',
  },
  'graph.bad-header': {
    kind: 'graph',
    means:
      'A file in the migrations folder has no readable header: an export is missing, computed, or of the wrong type.',
    act: 'Write the export as a literal, as the message shows.',
  },
  'graph.bad-module': {
    kind: 'graph',
    means: 'A migration cannot be loaded: a syntax error, an import that fails, or `up`/`down` that are no functions.',
    act: 'Fix the file at the line that the message names. Nothing was run.',
  },
  'graph.shadowed-file': {
    kind: 'graph',
    means: 'The same migration lies beside itself, as source and as compiled file; the source is used.',
    act: 'Remove the compiled file, or compile into another folder.',
  },
  'graph.world-writable': {
    kind: 'finding',
    means: 'Every user of the machine can change a migration, or put one beside the others.',
    act: 'Take that right away: `chmod o-w PATH`. What lies there runs with your rights and those of the database user.',
  },
  'graph.multiple-heads': {
    kind: 'finding',
    means: 'There are more heads than were allowed.',
    act: 'Join them: `mig merge -m "..."`.',
  },
  'history.checksum-mismatch': {
    kind: 'history',
    means: 'The file of an applied revision has changed since it was applied.',
    act: 'Restore the file, write a new revision, or go on knowingly with --allow-changed.',
  },
  'history.reformatted': {
    kind: 'history',
    means:
      'The file of an applied revision was reformatted: comments, layout or types differ, the program is the same.',
    act: 'Nothing. It does not stop a run.',
  },
  'history.ahead': {
    kind: 'history',
    means: 'The database has all that these files have, and more: an older build at a newer database.',
    act: 'Nothing: an upgrade has nothing to do. To go back, use the files that the database knows.',
  },
  'history.unknown-revision': {
    kind: 'history',
    means: 'The database has revisions that the migrations folder does not know.',
    act: 'Get the missing files (an older checkout?), or go on knowingly with --allow-unknown.',
  },
  'history.wrong-project': {
    kind: 'history',
    means: 'The database has a history, and none of it belongs to these files.',
    act: 'Check which database you are connected to.',
  },
  'history.altered': {
    kind: 'history',
    means: 'The history tables are not as mig wrote them: rows or columns are missing or were changed by hand.',
    act: 'Restore them from a backup; the message names what does not fit.',
  },
  'history.elsewhere': {
    kind: 'history',
    means:
      'There is no history where this connection looks for it, and one of the same project, or with the same revisions, is elsewhere in the database.',
    act: 'Set `historySchema` and `historyTable` to where it is. To begin another one, in which everything runs again: --new-history.',
  },
  'history.hidden': {
    kind: 'history',
    means:
      'This session sees fewer rows of the history than mig has written: a limit, row-level security or a view hides them.',
    act: 'Connect in a way that shows the whole table; the message names what hides a part of it.',
  },
  'history.journal-lost': {
    kind: 'history',
    means:
      'The journal is gone, while the history is there: a backup left it out, or somebody dropped it. It decides nothing of what is applied.',
    act: 'Nothing: it is made again. A migration that stopped in the middle cannot be resumed without it; complete or undo it by hand, and use `mig resolve`.',
  },
  'history.newer-format': {
    kind: 'history',
    means: 'The history tables were written by a newer mig.',
    act: 'Use at least that version of mig.',
  },
  'partial.unfinished': {
    kind: 'partial',
    means: 'A migration without a transaction stopped in the middle; the database holds a part of it.',
    act: 'Look at what is there, complete or undo it by hand, then `mig resolve REV --applied` or `--not-applied`.',
  },
  'partial.cannot-resume': {
    kind: 'partial',
    means: '`--resume` met something that is not as the interrupted run left it, and does not guess.',
    act: 'Complete or undo the migration by hand, then `mig resolve REV --applied` or `--not-applied`.',
  },
  'partial.unknown-statement': {
    kind: 'partial',
    means:
      'Whether a statement took effect is not known: its run did not come to its end, and the catalog does not show it.',
    act: 'Look whether it took effect, then `--resume --interrupted done` or `--interrupted not-done`, once for each statement that is named.',
  },
  'partial.outcome-unknown': {
    kind: 'partial',
    means: 'The connection broke while a transaction was being committed, and the database could not be asked.',
    act: 'Run `mig current` when the database answers again: the history row tells.',
  },
  'engine.unreachable': {
    kind: 'engine',
    means: 'The database server does not answer, or the connection broke.',
    act: 'Check host, port and network.',
  },
  'engine.authentication': {
    kind: 'engine',
    means: 'The server refuses the user or the password.',
    act: 'Check user and password.',
  },
  'engine.tls': {
    kind: 'engine',
    means: 'The connection is not as safe as was asked for: TLS, a certificate or a name does not fit.',
    act: 'Correct the TLS settings of the database URL, or those of the server; the message names what does not fit.',
  },
  'engine.missing-database': {
    kind: 'engine',
    means: 'The server has no database of that name; of SQLite, the file cannot be there.',
    act: 'Create it first, or its folder: on a server mig never creates databases.',
  },
  'engine.permission': {
    kind: 'engine',
    means: 'The database user lacks a right that is needed.',
    act: 'Grant the right that the message names.',
  },
  'engine.read-only': {
    kind: 'engine',
    means: 'The database cannot be written: a standby, a read-only server or a read-only file.',
    act: 'Connect to the primary, or make the file writable.',
  },
  'engine.driver-missing': {
    kind: 'engine',
    means: 'The driver package of this database is not installed.',
    act: 'Install it with the command that the message shows.',
  },
  'engine.unsupported': {
    kind: 'engine',
    means: 'The database, its version or the Knex client is not one that mig works with.',
    act: 'Use SQLite, PostgreSQL, MySQL or MariaDB.',
  },
  'engine.several-names': {
    kind: 'engine',
    means:
      'A SQLite file has several names (hard links): runs that use different names would not see each other’s lock, nor SQLite its own journal.',
    act: 'Remove all names but one, or make a copy with `cp` for the other use.',
  },
  'engine.failed': {
    kind: 'engine',
    means: 'The database refused a statement of mig itself.',
    act: 'Read the server’s words in the message.',
  },
  'interrupted.signal': {
    kind: 'interrupted',
    means: 'The run was stopped by a signal. The migration at hand was rolled back and the lock is free.',
    act: 'Run the command again to continue.',
  },
  'internal.unexpected': {
    kind: 'internal',
    means: 'mig met something that it did not expect.',
    act: 'Run again with --debug and report it.',
  },
} as const satisfies Record<string, Meaning>

export type Code = keyof typeof codes
