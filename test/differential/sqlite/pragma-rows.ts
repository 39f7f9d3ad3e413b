// Every pragma of sqlite.org/pragma.html, asked, set, and set in other spellings.

import type { Row } from './rows.js'

const asked: readonly string[] = [
  ...[
    'analysis_limit',
    'application_id',
    'auto_vacuum',
    'automatic_index',
    'busy_timeout',
    'cache_size',
    'cache_spill',
  ],
  ...['cell_size_check', 'checkpoint_fullfsync', 'collation_list', 'compile_options', 'count_changes', 'data_version'],
  ...['database_list', 'defer_foreign_keys', 'empty_result_callbacks', 'encoding', 'foreign_key_check'],
  ...['foreign_keys', 'freelist_count', 'full_column_names', 'fullfsync', 'function_list', 'hard_heap_limit'],
  ...['ignore_check_constraints', 'integrity_check', 'journal_mode', 'journal_size_limit', 'legacy_alter_table'],
  ...['locking_mode', 'max_page_count', 'mmap_size', 'module_list', 'page_count', 'page_size', 'pragma_list'],
  ...['query_only', 'quick_check', 'read_uncommitted', 'recursive_triggers', 'reverse_unordered_selects'],
  ...['schema_version', 'secure_delete', 'short_column_names', 'shrink_memory', 'soft_heap_limit', 'synchronous'],
  ...['table_list', 'temp_store', 'threads', 'trusted_schema', 'user_version', 'wal_autocheckpoint', 'writable_schema'],
  ...['main.cache_size', '"main"."user_version"', '[main].[page_count]', 'temp.user_version', 'main.journal_mode'],
  ...['table_info(t)', `table_info('t')`, 'table_info = t', 'main.table_info("t")', 'table_xinfo(t)', 'table_list(t)'],
  ...['index_list(t)', 'index_info(t_c)', 'index_xinfo(t_c)', 'foreign_key_list(u)', 'foreign_key_check(u)'],
  ...['integrity_check(5)', 'quick_check(1)', 'integrity_check(t)', 'main.quick_check'],
]

/** Each changes what it sets. */
const set: readonly string[] = [
  ...['analysis_limit = 7', 'automatic_index = off', 'busy_timeout = 7', 'cache_size = 77', 'cache_size(-777)'],
  ...['main.cache_size = 78', 'cache_spill = off', 'case_sensitive_like = on'],
  ...['case_sensitive_like(1)', 'cell_size_check = on', 'checkpoint_fullfsync = 1', 'count_changes = 1'],
  ...['empty_result_callbacks = 1', 'foreign_keys = off', 'foreign_keys(0)', 'FOREIGN_KEYS = FALSE'],
  ...['"foreign_keys" = 0', '[foreign_keys] = no', '`foreign_keys` = off', 'main.foreign_keys = off', 'foreign_keys=0'],
  ...[`foreign_keys = 'off'`, 'full_column_names = 1', 'fullfsync = 1', 'ignore_check_constraints = on'],
  ...['journal_size_limit = 1000', 'legacy_alter_table = on', 'locking_mode = exclusive', 'max_page_count = 100000'],
  ...['mmap_size = 65536', 'query_only = on', 'read_uncommitted = 1', 'recursive_triggers = on'],
  ...['reverse_unordered_selects = on', 'secure_delete = fast', 'secure_delete(1)', 'short_column_names = 0'],
  ...['threads = 2', 'trusted_schema = off', 'wal_autocheckpoint = 7'],
]

const file: readonly string[] = [
  ...['application_id = 7', 'user_version = 7', 'user_version(8)', 'user_version = -9', 'main.user_version = 7'],
  ...['temp.user_version = 7', 'schema_version = 77', '"user_version" = 5'],
]

const journal = {
  ofSession: 'WAL is kept in the file',
  refusesTransaction: 'it is ignored there once something was written',
}
const later = 'it holds from the next VACUUM on'

const notCompared = 'the schema temp gets its settings with its first use, so that they are not compared'

export const pragmas: readonly Row[] = [
  ...[...asked, ...set, ...file].map((text): Row => ({ sql: `pragma ${text}` })),
  { sql: 'explain pragma foreign_keys = off' },
  { sql: 'explain query plan pragma foreign_keys = off' },
  { sql: 'explain pragma cache_size = 5' },
  { sql: 'explain pragma foreign_keys' },
  {
    sql: 'explain pragma user_version = 5',
    errs: { reads: 'a pragma may take effect while it is compiled' },
  },
  {
    sql: 'pragma writable_schema = on',
    errs: { reads: 'the driver forbids it', changesSettings: 'the driver forbids it' },
  },
  { sql: 'pragma synchronous = extra' },
  { sql: 'pragma main.synchronous(1)' },
  {
    sql: 'pragma temp.synchronous = 0',
    errs: { reads: 'the schema temp has none', changesSettings: 'the schema temp has none' },
  },
  { sql: 'pragma defer_foreign_keys = on' },
  { sql: 'pragma journal_mode = wal', errs: journal },
  { sql: 'pragma journal_mode(truncate)', errs: journal },
  {
    sql: 'pragma main.journal_mode = memory',
    errs: journal,
  },
  { sql: 'pragma temp.cache_size = 79', errs: { reads: notCompared, changesSettings: notCompared } },
  {
    sql: 'pragma temp_store = memory',
    errs: { ofSession: 'it drops temporary tables', refusesTransaction: 'it is refused where there are some' },
  },
  { sql: 'pragma temp_store = memory', setup: ['create temp table x (a)'] },
  { sql: 'pragma page_size = 8192', errs: { reads: later, changesSettings: later } },
  { sql: `pragma encoding = 'UTF-16'`, errs: { reads: later, changesSettings: later } },
  { sql: 'pragma auto_vacuum = full', errs: { reads: later } },
  {
    sql: 'pragma auto_vacuum = incremental',
    setup: ['pragma auto_vacuum = full', 'vacuum'],
  },
  { sql: 'pragma incremental_vacuum', setup: ['pragma auto_vacuum = incremental', 'vacuum', 'delete from t'] },
  { sql: 'pragma incremental_vacuum(1)', setup: ['pragma auto_vacuum = incremental', 'vacuum', 'drop table u'] },
  { sql: 'pragma optimize' },
  { sql: 'pragma optimize = 0x10002' },
  { sql: 'pragma main.optimize' },
  { sql: 'pragma wal_checkpoint', errs: { reads: 'it moves the journal into the file' } },
  {
    sql: 'pragma wal_checkpoint(truncate)',
    setup: ['pragma journal_mode = wal', 'delete from t'],
    errs: { reads: 'it moves the journal into the file' },
  },
  {
    sql: 'pragma of_another_build',
    errs: { reads: 'SQLite ignores what it does not know', changesSettings: 'the same' },
  },
  {
    sql: 'pragma of_another_build = 1',
    errs: { reads: 'SQLite ignores what it does not know', changesSettings: 'the same' },
  },
  { sql: `pragma 'foreign_keys' = off`, errs: { ofSession: 'a name in the quotes of a literal is not looked at' } },
  {
    sql: `pragma 'foreign_keys'`,
    errs: { reads: 'a name in the quotes of a literal is not looked at', changesSettings: 'the same' },
  },
]
