// PostgreSQL: how the tables of mig look.

import type { TableAnswers } from '../engine.js'

export const tables: TableAnswers = {
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  now: 'clock_timestamp()',
  timeAsText: (column) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  create: ({ state, history }) => [
    `create table if not exists ${state} (
      id integer primary key check (id = 1),
      format integer not null,
      project text,
      environment text,
      seq bigint not null,
      epoch bigint not null,
      owner text,
      beat bigint not null,
      note text
    )`,
    `create table if not exists ${history} (
      revision varchar(64) primary key,
      serial bigint not null unique,
      down_revisions text not null,
      depends_on text not null,
      message text not null,
      checksum varchar(64) not null,
      source text,
      origin varchar(16) not null check (origin in ('upgrade', 'stamp', 'import')),
      state varchar(16) not null check (state in ('applied', 'running', 'reverting')),
      applied_at timestamptz(3) not null,
      duration_ms bigint,
      applied_by text not null,
      mig_version varchar(32) not null
    )`,
  ],
}
