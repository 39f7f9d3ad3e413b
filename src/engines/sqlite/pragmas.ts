// SQLite: what each pragma does (sqlite.org/pragma.html), and how a transaction takes it.

/**
 * `tells`: only answers, also with a value. `session`: a value changes the connection. `file`: a value is written into
 * the database, and rolled back with its transaction. `storage`: a value changes the connection, and the file keeps WAL,
 * or temporary tables are dropped. `works`: writes in steps of its own, without a value too. `unknown`: of another build,
 * or none: SQLite ignores those.
 */
export type PragmaKind = 'tells' | 'session' | 'file' | 'storage' | 'works' | 'unknown'

export function pragmaKind(name: string): PragmaKind {
  return kinds.get(name.toLowerCase()) ?? 'unknown'
}

/**
 * Refused in a transaction: "Safety level may not be changed", "database table is locked", "temporary storage cannot be
 * changed" where there is some; a journal mode is ignored once something was written.
 */
export function refusesTransaction(name: string, hasValue: boolean): boolean {
  const lower = name.toLowerCase()
  return lower === 'wal_checkpoint' || (hasValue && (lower === 'synchronous' || pragmaKind(lower) === 'storage'))
}

const names: Readonly<Record<Exclude<PragmaKind, 'unknown'>, string>> = {
  tells: `collation_list compile_options data_version database_list foreign_key_check foreign_key_list freelist_count
    function_list index_info index_list index_xinfo integrity_check module_list page_count pragma_list quick_check
    table_info table_list table_xinfo`,
  session: `analysis_limit automatic_index busy_timeout cache_size cache_spill case_sensitive_like cell_size_check
    checkpoint_fullfsync count_changes defer_foreign_keys empty_result_callbacks encoding foreign_keys
    full_column_names fullfsync hard_heap_limit ignore_check_constraints journal_size_limit legacy_alter_table
    locking_mode max_page_count mmap_size page_size query_only read_uncommitted recursive_triggers
    reverse_unordered_selects secure_delete short_column_names shrink_memory soft_heap_limit synchronous
    temp_store_directory threads trusted_schema wal_autocheckpoint writable_schema`,
  file: 'application_id auto_vacuum schema_version user_version',
  storage: 'journal_mode temp_store',
  works: 'incremental_vacuum optimize wal_checkpoint',
}

const kinds = new Map<string, PragmaKind>(
  Object.entries(names).flatMap(([kind, list]) => list.split(/\s+/).map((name) => [name, kind as PragmaKind] as const)),
)
