// MySQL and MariaDB: how the tables of mig look. InnoDB whatever the default, and ids compared byte by byte.

import { UsageError } from '../../core/errors.js'
import type { TableAnswers } from '../contract/tables.js'

const options = 'engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin'

export const tables: TableAnswers = {
  quote,
  now: 'utc_timestamp(3)',
  number: '?',
  timeAsText: (column) => `concat(replace(cast(${column} as char(23)), ' ', 'T'), 'Z')`,
  secondsSince: (column) => `timestampdiff(microsecond, ${column}, utc_timestamp(3)) / 1000000`,
  mark: () => null,
  create: ({ state, history, journal }, mark) => [
    `create table if not exists ${state} (
      id integer not null primary key check (id = 1),
      format integer not null,
      project text,
      environment text,
      seq bigint not null,
      revisions bigint not null,
      token bigint not null,
      owner text,
      beat bigint not null,
      beat_at datetime(3),
      connection text
    ) ${options} comment = ${literal(mark)}`,
    `create table if not exists ${history} (
      revision varchar(64) not null primary key,
      serial bigint not null unique,
      down_revisions text not null,
      depends_on text not null,
      message text not null,
      checksum varchar(64) not null,
      source longtext,
      modules longtext,
      origin varchar(16) not null check (origin in ('upgrade', 'stamp', 'import')),
      state varchar(16) not null check (state in ('applied', 'running', 'reverting')),
      applied_at datetime(3) not null,
      duration_ms bigint,
      applied_by text not null,
      mig_version varchar(32) not null
    ) ${options}`,
    `create table if not exists ${journal} (
      id bigint not null auto_increment primary key,
      run varchar(36) not null,
      at datetime(3) not null,
      what varchar(16) not null,
      revision varchar(64),
      direction varchar(4),
      ordinal integer,
      step text,
      sql_text longtext,
      sql_hash varchar(64),
      values_hash varchar(64),
      seen varchar(16),
      duration_ms bigint,
      error text,
      note text,
      command text,
      connection text,
      who text,
      host text,
      mig_version varchar(32),
      git_commit varchar(64)
    ) ${options}`,
  ],
}

/**
 * Names cannot hold characters above U+FFFF (MySQL manual, "Schema Object Names"). MariaDB refuses them; MySQL 9.7 writes
 * a question mark for each, so that different names mean one table.
 */
function quote(name: string): string {
  if (!/[\u{10000}-\u{10FFFF}]/u.test(name)) return `\`${name.replaceAll('`', '``')}\``
  throw new UsageError('config.invalid', `MySQL allows no such characters in a name: ${name}`, {
    hint: 'Choose another `historyTable` or `historySchema` in mig.config.ts.',
  })
}

/** A comment cannot be written in hexadecimal, and a backslash has its meaning unless NO_BACKSLASH_ESCAPES is set. */
function literal(text: string): string {
  return `'${text.replaceAll('\\', '').replaceAll("'", "''").replaceAll('?', '')}'`
}
