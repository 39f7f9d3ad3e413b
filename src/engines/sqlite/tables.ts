// SQLite: how the tables of mig look.

import type { TableAnswers } from '../contract/tables.js'

export const tables: TableAnswers = {
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  number: '?',
  now: `strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`,
  timeAsText: (column) => column,
  secondsSince: (column) => `(julianday('now') - julianday(${column})) * 86400`,
  mark: () => null,
  create: ({ state, history, journal }, mark) => [
    // SQLite keeps the text of the statement, and so the comment.
    `create table if not exists ${state} ( /* ${mark.replaceAll('*/', '')} */
      id integer primary key check (id = 1),
      format integer not null,
      project text,
      environment text,
      seq integer not null,
      revisions integer not null,
      token integer not null,
      owner text,
      beat integer not null,
      beat_at text,
      connection text
    )`,
    `create table if not exists ${history} (
      revision text primary key not null,
      serial integer not null unique,
      down_revisions text not null,
      depends_on text not null,
      message text not null,
      checksum text not null,
      source text,
      modules text,
      origin text not null check (origin in ('upgrade', 'stamp', 'import')),
      state text not null check (state in ('applied', 'running', 'reverting')),
      applied_at text not null,
      duration_ms integer,
      applied_by text not null,
      mig_version text not null
    )`,
    `create table if not exists ${journal} (
      id integer primary key,
      run text not null,
      at text not null,
      what text not null,
      revision text,
      direction text,
      ordinal integer,
      step text,
      sql_text text,
      sql_hash text,
      values_hash text,
      seen text,
      duration_ms integer,
      error text,
      note text,
      command text,
      connection text,
      who text,
      host text,
      mig_version text,
      git_commit text
    )`,
  ],
}
