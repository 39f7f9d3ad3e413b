// MySQL and MariaDB: what expressions do besides computing: calls of functions, variables that are assigned, sequences.

import { isAt, type Words } from './words.js'

/** `session`: it changes nothing but the session. `unknown`: a function that is not known, which may do anything. */
export type Impact = 'none' | 'session' | 'unknown'

export function impactOf(words: Words): Impact {
  const impacts = new Set(words.map((word, at) => impactAt(words, word, at)))
  if (impacts.has('unknown')) return 'unknown'
  return impacts.has('session') ? 'session' : 'none'
}

function impactAt(words: Words, word: string, at: number): Impact {
  if (word === ':' && words[at + 1] === '=') return 'session'
  if (word === 'next' && words[at + 1] === 'value' && words[at + 2] === 'for') return 'unknown'
  if (word === 'nextval' && words[at - 1] === '.') return 'unknown' // Oracle mode
  return words[at + 1] === '(' && isCallable(words, at) ? impactOfCall(words, word, at) : 'none'
}

/** A name before a parenthesis that is not a table's with its columns. */
function isCallable(words: Words, at: number): boolean {
  if (!/^[\w`$\u0080-\uffff]/.test(words[at] as string)) return false
  const before = words[startOfName(words, at) - 1] ?? ''
  return !beforeColumns.has(before) && !isListOfColumns(words, at)
}

/** Of `a.b.c`. */
function startOfName(words: Words, at: number): number {
  let start = at
  while (words[start - 1] === '.') start -= 2
  return start
}

const beforeColumns = new Set(
  ') as into insert replace ignore low_priority high_priority delayed table columns over'.split(' '),
)

/** `with a (b, c) as (…)` */
function isListOfColumns(words: Words, at: number): boolean {
  let end = at + 2
  while (words[end + 1] === ',') end += 2
  return isAt(words, end + 1, ') as (')
}

function impactOfCall(words: Words, word: string, at: number): Impact {
  if (words[at - 1] === '.') return 'unknown' // stored functions only
  if (word === 'last_insert_id') return words[at + 2] === ')' ? 'none' : 'session'
  if (locks.has(word)) return 'session'
  return pure.has(word) || grammar.has(word) ? 'none' : 'unknown'
}

const locks = new Set(['get_lock', 'release_lock', 'release_all_locks'])

/** Keywords and types that parentheses may follow. */
const grammar = new Set(
  (
    'all and any as between binary bit by case char character columns cross cube decimal distinct distinctrow div double ' +
    'elseif else except exists except float force from group having if in index inner intersect interval into is join json key keys ' +
    'lateral left like limit natural nested not numeric offset on or order outer over partition range real regexp right ' +
    'rlike rollup rows select set signed some straight_join table then union unique unsigned use using value values ' +
    'varbinary varchar when where window with xor datetime date time year nchar nvarchar ignore return returning row'
  ).split(' '),
)

/** MySQL manual, "Functions and Operators", and MariaDB's: those that only compute, look, or wait. */
const pure = new Set(
  // numbers
  (
    'abs acos asin atan atan2 ceil ceiling conv cos cot crc32 crc32c degrees exp floor greatest least ln log log10 log2 mod ' +
    'oct pi pow power radians rand round sign sin sqrt tan truncate format bit_count ' +
    // texts
    'ascii bin bin_to_uuid char_length character_length chr concat concat_ws elt export_set field find_in_set from_base64 ' +
    'hex insert instr lcase left length lengthb locate lower lpad ltrim make_set mid natural_sort_key octet_length ord ' +
    'position quote regexp_instr regexp_like regexp_replace regexp_substr repeat replace reverse right rpad rtrim ' +
    'sformat soundex space strcmp substr substring substring_index to_base64 to_char trim ucase unhex upper ' +
    'uuid_to_bin weight_string compress uncompress uncompressed_length ' +
    // times
    'adddate addtime convert_tz curdate current_date current_time current_timestamp curtime date date_add date_format ' +
    'date_sub datediff day dayname dayofmonth dayofweek dayofyear extract from_days from_unixtime get_format hour ' +
    'last_day localtime localtimestamp makedate maketime microsecond minute month monthname now period_add period_diff ' +
    'quarter sec_to_time second str_to_date subdate subtime sysdate time time_format time_to_sec timediff timestamp ' +
    'timestampadd timestampdiff to_days to_seconds unix_timestamp utc_date utc_time utc_timestamp week weekday ' +
    'weekofyear year yearweek add_months ' +
    // conditions and conversions
    'coalesce if ifnull isnull nullif nvl nvl2 decode decode_oracle interval cast convert binary match against ' +
    // groups and windows
    'any_value avg bit_and bit_or bit_xor count group_concat grouping json_arrayagg json_objectagg max median min std ' +
    'stddev stddev_pop stddev_samp sum var_pop var_samp variance cume_dist dense_rank first_value lag last_value lead ' +
    'nth_value ntile percent_rank percentile_cont percentile_disc rank row_number ' +
    // documents
    'json_array json_array_append json_array_insert json_array_intersect json_arrayagg json_compact json_contains ' +
    'json_contains_path json_depth json_detailed json_equals json_exists json_extract json_insert json_keys json_length ' +
    'json_loose json_merge json_merge_patch json_merge_preserve json_normalize json_object json_object_filter_keys ' +
    'json_object_to_array json_objectagg json_overlaps json_pretty json_query json_quote json_remove json_replace ' +
    'json_schema_valid json_schema_validation_report json_search json_set json_storage_free json_storage_size ' +
    'json_table json_type json_unquote json_valid json_value extractvalue updatexml ' +
    // hashes
    'aes_decrypt aes_encrypt md5 sha sha1 sha2 random_bytes password old_password statement_digest ' +
    'statement_digest_text vec_distance vec_distance_cosine vec_distance_euclidean vec_fromtext vec_totext ' +
    'string_to_vector to_vector vector_to_string from_vector vector_dim ' +
    // the server and the session
    'benchmark charset coercibility collation connection_id current_role current_user database found_rows ' +
    'icu_version row_count schema session_user system_user user version rownum ' +
    'inet6_aton inet6_ntoa inet_aton inet_ntoa is_ipv4 is_ipv4_compat is_ipv4_mapped is_ipv6 is_free_lock ' +
    'is_used_lock is_uuid name_const sleep uuid uuid_short sys_guid uuid_v4 uuid_v7 format_bytes format_pico_time ' +
    'ps_current_thread_id ps_thread_id values value default lastval column_check column_exists column_get column_json ' +
    'column_list column_create column_add column_delete gtid_subset gtid_subtract'
  ).split(' '),
)
