// TLS as a URL asks for it, on servers that have it: never weaker, and as the servers' own clients mean it.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

import { textOrNull } from '../../src/history/book.js'
import { describePlace } from '../../src/core/place.js'
import { withWords } from '../../src/session/driver-errors.js'
import { engineNamed } from '../support/engines.js'
import { type Certificates, makeCertificates, missingForCertificates } from '../support/servers/certificates.js'
import { startMysql } from '../support/servers/mysql.js'
import { startPostgres } from '../support/servers/postgres.js'
import { readRunReport } from '../support/servers/report.js'
import type { Server } from '../support/servers/server.js'
import { connectionTo } from './connections.js'

const missing = missingForCertificates()
let files: Certificates

/** "plain" or the protocol, as the server sees this session; or what is said instead. */
async function encryptionOf(url: string): Promise<string> {
  const { engine, connection } = await connectionTo(url)
  try {
    return await withWords(engine, { ...connection.place, environment: 'default' }, async () => {
      await connection.connect()
      const { rows } = await connection.query(
        engine.name === 'postgres'
          ? 'select version from pg_stat_ssl where pid = pg_backend_pid()'
          : `show session status like 'Ssl_version'`,
      )
      return textOrNull(rows[0]?.version ?? rows[0]?.Value) || 'plain'
    })
  } catch (error) {
    const { code, message, hint } = error as { code: string; message: string; hint?: string }
    expect(message).toContain(describePlace({ ...connection.place, environment: 'default' }))
    return `${code}: ${message} ${hint}`
  } finally {
    await connection.close().catch(() => undefined)
  }
}

function withFiles(parameters: string): string {
  return parameters
    .replace('=CA', `=${files.authority}`)
    .replace('OTHER', files.otherAuthority)
    .replace('CERT', files.client.cert)
    .replace('KEY', files.client.key)
}

/** A server and its certificates, on a busy machine. */
const startTimeoutMs = 180_000

const encrypted = /^TLSv1\.3$/
const plain = /^plain$/
const untrusted = /^engine\.tls: [^]*certificate[^]*ssl-?(root|)-?c/
const misnamed = /^engine\.tls: [^]*(altnames|Hostname)/

const postgres = engineNamed('postgres')
const describePostgres = postgres.skipped === undefined && missing === undefined ? describe : describe.skip

describePostgres('PostgreSQL', () => {
  let server: Server
  let port: string
  const url = (user: string, host: string, parameters: string) =>
    `postgres://${user}:secret@${host}:${port}/postgres?${withFiles(parameters)}`

  beforeAll(async () => {
    const folder = join(readRunReport().folder, 'postgres-with-tls')
    files = makeCertificates(join(readRunReport().folder, 'certificates-of-postgres'))
    server = await startPostgres(folder, {
      settings: [
        'ssl=on',
        ...[`ssl_cert_file=${files.server.cert}`, `ssl_key_file=${files.server.key}`, `ssl_ca_file=${files.authority}`],
      ],
    })
    port = new URL(server.url).port
    const { connection } = await connectionTo(server.url)
    await connection.connect()
    for (const user of ['anna', 'onlytls', 'onlyplain', 'scram', 'cleartext'])
      await connection.query(`create role ${user} login password 'secret'`)
    const rules = [
      'hostssl all anna all cert',
      'hostssl all onlytls all trust',
      'hostnossl all onlyplain all trust',
      'hostssl all scram all scram-sha-256',
      'hostssl all cleartext all password',
      'host all postgres all trust',
    ]
    writeFileSync(join(folder, 'data', 'pg_hba.conf'), `${rules.join('\n')}\n`)
    await connection.query('select pg_reload_conf()')
    await connection.close()
  }, startTimeoutMs)
  afterAll(() => server.stop())

  test.each([
    ['sslmode=disable', plain],
    ['sslmode=allow', plain],
    ['sslmode=prefer', encrypted],
    ['sslmode=prefer&sslrootcert=OTHER', plain],
    ['sslmode=require', encrypted],
    ['sslmode=require&sslrootcert=CA', encrypted],
    ['sslmode=require&sslrootcert=OTHER', untrusted],
    ['sslmode=verify-ca&sslrootcert=CA', encrypted],
    ['sslmode=verify-ca&sslrootcert=OTHER', untrusted],
    ['sslmode=verify-ca', untrusted],
    ['sslmode=verify-full&sslrootcert=CA', misnamed],
    ['sslrootcert=system', untrusted],
    ['ssl=true', untrusted],
    ['sslmode=require&sslnegotiation=direct', encrypted],
    ['sslmode=no-verify', encrypted],
    ['', plain],
  ])('by address: %s', async (parameters, expected) => {
    expect(await encryptionOf(url('postgres', '127.0.0.1', parameters))).toMatch(expected)
  })

  test.each([
    ['sslmode=verify-full&sslrootcert=CA', encrypted],
    ['sslmode=verify-full&sslrootcert=OTHER', untrusted],
  ])('by name: %s', async (parameters, expected) => {
    expect(await encryptionOf(url('postgres', 'localhost', parameters))).toMatch(expected)
  })

  test.each([
    ['onlytls', 'sslmode=prefer', encrypted],
    ['onlytls', 'sslmode=allow', encrypted],
    ['onlytls', 'sslmode=disable', /^engine\.authentication: [^]*sslmode=verify-full/],
    ['onlyplain', 'sslmode=prefer', plain],
    ['onlyplain', 'sslmode=require', /^engine\.authentication/],
    ['anna', 'sslmode=require&sslcert=CERT&sslkey=KEY&sslpassword=sesame', encrypted],
    ['anna', 'sslmode=require&sslcert=CERT&sslkey=KEY&sslpassword=wrong', /^engine\.tls/],
    ['anna', 'sslmode=require', /^engine\.authentication/],
    ['scram', 'sslmode=require&channel_binding=require', encrypted],
    ['cleartext', 'sslmode=require', encrypted],
    ['cleartext', 'sslmode=require&channel_binding=require', /^engine\.tls: [^]*channel binding is required/],
    ['postgres', 'sslmode=require&channel_binding=require', /^engine\.tls: [^]*channel binding is required/],
    ['postgres', 'target_session_attrs=read-write', plain],
  ])('%s with %s', async (user, parameters, expected) => {
    expect(await encryptionOf(url(user, '127.0.0.1', parameters))).toMatch(expected)
  })

  test('a server without TLS: what demands it is refused, what prefers it goes on in plain text', async () => {
    const { url: other } = await postgres.createDatabase()
    expect(await encryptionOf(`${other}?sslmode=prefer`)).toBe('plain')
    expect(await encryptionOf(`${other}?sslmode=require`)).toMatch(/^engine\.tls: [^]*does not support SSL/)
  })

  test('a session that can only be read is not the one that target_session_attrs asks for', async () => {
    const database = await postgres.createDatabase()
    const other = database.url
    await database.query(
      `do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$`,
    )
    expect(await encryptionOf(`${other}?target_session_attrs=primary`)).toBe('plain')
    const { connection } = await connectionTo(`${other}?target_session_attrs=read-write`)
    await expect(connection.connect()).rejects.toMatchObject({ code: 'engine.read-only' })
    await connection.close()
  })
})

const mysql = engineNamed('mysql')
const describeMysql = mysql.skipped === undefined && missing === undefined ? describe : describe.skip

describeMysql('MySQL and MariaDB', () => {
  let server: Server
  let port: string
  const url = (user: string, host: string, parameters: string) =>
    `mysql://${user}:mig@${host}:${port}/mysql?${withFiles(parameters)}`

  beforeAll(async () => {
    files = makeCertificates(join(readRunReport().folder, 'certificates-of-mysql'))
    server = await startMysql(join(readRunReport().folder, 'mysql-with-tls'), {
      settings: [`--ssl-cert=${files.server.cert}`, `--ssl-key=${files.server.key}`, `--ssl-ca=${files.authority}`],
    })
    port = new URL(server.url).port
    const { connection } = await connectionTo(server.url)
    await connection.connect()
    await connection.query(`create user onlytls@'%' identified by 'mig' require ssl`)
    await connection.query(`create user anna@'%' identified by 'mig' require x509`)
    await connection.query(`grant all on *.* to onlytls@'%', anna@'%'`)
    await connection.close()
  }, startTimeoutMs)
  afterAll(() => server.stop())

  test.each([
    ['mig', '127.0.0.1', '', plain],
    ['mig', '127.0.0.1', 'ssl-mode=DISABLED', plain],
    ['mig', '127.0.0.1', 'ssl-mode=PREFERRED', encrypted],
    ['mig', '127.0.0.1', 'ssl-mode=PREFERRED&ssl-ca=OTHER', plain],
    ['mig', '127.0.0.1', 'ssl-mode=REQUIRED', encrypted],
    ['mig', '127.0.0.1', 'sslmode=require', encrypted],
    ['mig', '127.0.0.1', 'sslaccept=accept_invalid_certs', encrypted],
    ['mig', 'localhost', 'sslaccept=strict', untrusted],
    ['mig', '127.0.0.1', 'ssl-mode=REQUIRED&ssl-ca=OTHER', untrusted],
    ['mig', '127.0.0.1', 'ssl-mode=VERIFY_CA&ssl-ca=CA', encrypted],
    ['mig', '127.0.0.1', 'ssl-ca=OTHER', untrusted],
    ['mig', '127.0.0.1', 'ssl-mode=VERIFY_CA', untrusted],
    ['mig', '127.1', 'sslMode=VERIFY_IDENTITY&ssl-ca=CA', misnamed],
    ['mig', 'localhost', 'sslMode=VERIFY_IDENTITY&ssl-ca=CA', encrypted],
    ['mig', 'localhost', 'ssl-verify-server-cert=true&sslca=CA', encrypted],
    ['mig', 'localhost', 'ssl=true', untrusted],
    ['onlytls', '127.0.0.1', 'ssl-mode=PREFERRED', encrypted],
    ['onlytls', '127.0.0.1', 'ssl-mode=DISABLED', /^engine\.authentication/],
    ['anna', '127.0.0.1', 'ssl-mode=REQUIRED&ssl-cert=CERT&ssl-key=KEY&sslpassword=sesame', encrypted],
    ['anna', '127.0.0.1', 'ssl-mode=REQUIRED', /^engine\.authentication/],
  ])('%s at %s: %s', async (user, host, parameters, expected) => {
    expect(await encryptionOf(url(user, host, parameters))).toMatch(expected)
  })
})
