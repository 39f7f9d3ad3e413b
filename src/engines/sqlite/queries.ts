// SQLite: whether a query surely does nothing but answer.

import type { Token } from '../../core/sql/pieces.js'
import { isKeyword, type StatementFollower } from '../../core/sql/sql.js'
import { pragmaKind } from './pragmas.js'

/**
 * Follows a query, and finds whether everything that it calls is known to have no effect. A function of the application
 * may do anything; so may loading an extension, `optimize` of FTS3, and the table-valued form of PRAGMA optimize.
 */
export function followQuery(): StatementFollower<boolean> {
  const open: Parenthesis[] = []
  let before: Token | undefined
  let acts = false
  /** What must follow the parenthesis that was just closed, if it is to be no call. */
  let columns: Columns | null = null
  return {
    see(token) {
      if (columns !== null) columns = nextAfterColumns(columns, token)
      if (columns === 'no columns') acts = true
      if (columns === 'no columns' || columns === 'columns') columns = null
      if (isKeyword(token, '(')) open.push(parenthesis(before, open.at(-1)))
      else if (isKeyword(token, ')')) columns = open.pop() === 'call' ? 'closed' : null
      else if (open.at(-1) === 'cast' && isKeyword(token, 'as')) open[open.length - 1] = 'type'
      else acts ||= mayAct(token)
      before = token
    },
    found: () => !acts && columns === null && !open.includes('call'),
  }
}

/** What a parenthesis belongs to. `call`: a function that is not known, or a table of `with` that names its columns. */
type Parenthesis = 'group' | 'cast' | 'type' | 'call'

function parenthesis(before: Token | undefined, around: Parenthesis | undefined): Parenthesis {
  if (before === undefined || (before.kind !== 'word' && before.kind !== 'name') || around === 'type') return 'group'
  const name = before.text.toLowerCase()
  if (before.kind === 'word' && name === 'cast') return 'cast'
  if (before.kind === 'word' && keywords.has(name)) return 'group'
  return functions.has(name) || name.startsWith(pragmaPrefix) ? 'group' : 'call'
}

/** `with t (a, b) as (…)`, `as materialized (…)`, `as not materialized (…)`: no alias of a result looks like that. */
type Columns = 'closed' | 'as' | 'materialized' | 'columns' | 'no columns'

function nextAfterColumns(columns: Columns, token: Token): Columns {
  if (columns === 'closed') return isKeyword(token, 'as') ? 'as' : 'no columns'
  if (isKeyword(token, '(')) return 'columns'
  if (columns === 'as' && isKeyword(token, 'not')) return 'columns'
  return columns === 'as' && isKeyword(token, 'materialized') ? 'materialized' : 'no columns'
}

const pragmaPrefix = 'pragma_'

/** The operator REGEXP is a function of the application; of pragmas that are read like tables, one is known to write. */
function mayAct({ kind, text }: Token): boolean {
  if (kind !== 'word' && kind !== 'name') return false
  const name = text.toLowerCase()
  if (kind === 'word' && name === 'regexp') return true
  return name.startsWith(pragmaPrefix) && /unknown|works/.test(pragmaKind(name.slice(pragmaPrefix.length)))
}

/** What stands before a parenthesis and calls nothing. */
const keywords = words(`all and as between by case collate distinct else escape except exists filter from glob group
  having in indexed intersect is isnull join like limit match materialized not notnull null offset on or order over
  partition recursive returning select then union using values when where window with`)

/** sqlite.org/lang_corefunc.html, lang_datefunc.html, lang_aggfunc.html, windowfunctions.html, lang_mathfunc.html, json1.html, percentile.html, and those of FTS, R*Tree and Geopoly. */
const functions = words(`abs changes char coalesce concat concat_ws format glob hex if ifnull iif instr
  last_insert_rowid length like likelihood likely lower ltrim max min nullif octet_length printf quote random randomblob
  replace round rtrim sign soundex sqlite_compileoption_get sqlite_compileoption_used sqlite_offset sqlite_source_id
  sqlite_version substr substring subtype total_changes trim typeof unhex unicode unistr unistr_quote unlikely upper
  zeroblob date time datetime julianday unixepoch strftime timediff current_date current_time current_timestamp avg
  count group_concat median percentile percentile_cont percentile_disc string_agg sum total row_number rank dense_rank
  percent_rank cume_dist ntile lag lead first_value last_value nth_value acos acosh asin asinh atan atan2 atanh ceil
  ceiling cos cosh degrees exp floor ln log log10 log2 mod pi pow power radians sin sinh sqrt tan tanh trunc json
  json_array json_array_insert json_array_length json_each json_error_position json_extract json_group_array
  json_group_object json_insert json_object json_patch json_pretty json_quote json_remove json_replace json_set json_tree
  json_type json_valid jsonb jsonb_array jsonb_array_insert jsonb_each jsonb_extract jsonb_group_array
  jsonb_group_object jsonb_insert jsonb_object jsonb_patch jsonb_remove jsonb_replace jsonb_set jsonb_tree
  generate_series bm25 highlight match matchinfo offsets snippet fts5_get_locale fts5_insttoken fts5_locale
  fts5_source_id rtreecheck rtreedepth rtreenode geopoly_area geopoly_bbox geopoly_blob geopoly_ccw
  geopoly_contains_point geopoly_debug geopoly_group_bbox geopoly_json geopoly_overlap geopoly_regular geopoly_svg
  geopoly_within geopoly_xform`)

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(/\s+/))
}
