// What a database URL means: each parameter is honoured or refused, and none is passed over.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, test } from '@jest/globals'

import { UsageError } from '../../src/core/errors.js'
import { chooseEngine } from '../../src/engines/index.js'

const folder = mkdtempSync(join(tmpdir(), 'mig-url-'))
for (const name of ['ca', 'cert', 'key']) writeFileSync(join(folder, `${name}.pem`), `the ${name}`)
afterAll(() => rmSync(folder, { recursive: true }))

async function settingsOf(url: string): Promise<Readonly<Record<string, unknown>>> {
  const { settings } = await chooseEngine(url, folder)
  const given = ['user', 'host', 'database']
  return Object.fromEntries(
    Object.entries(settings.driver).filter(([key, value]) => !given.includes(key) || isSocket(value)),
  )
}

function isSocket(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('/')
}

async function refusalOf(url: string): Promise<string> {
  try {
    await chooseEngine(url, folder)
  } catch (error) {
    if (error instanceof UsageError && error.code === 'config.bad-url') return `${error.message} ${error.hint}`
    throw error
  }
  return 'taken'
}

/** Encrypts, whoever answers. */
const unverified = { rejectUnauthorized: false }
/** Verifies the authority, not the name. */
const byChain = { rejectUnauthorized: true, ca: 'the ca', checkServerIdentity: expect.any(Function) }

describe('PostgreSQL', () => {
  test.each([
    ['sslmode=disable', { ssl: false }],
    ['sslmode=allow', { ssl: unverified, encryption: 'allow' }],
    ['sslmode=prefer', { ssl: unverified, encryption: 'prefer' }],
    ['sslmode=prefer&sslrootcert=ca.pem', { ssl: byChain, encryption: 'prefer' }],
    ['sslmode=require', { ssl: unverified }],
    ['sslmode=require&sslrootcert=ca.pem', { ssl: byChain }],
    ['sslmode=verify-ca&sslrootcert=ca.pem', { ssl: byChain }],
    ['sslmode=verify-full', { ssl: { rejectUnauthorized: true } }],
    ['sslmode=verify-full&sslrootcert=ca.pem', { ssl: { rejectUnauthorized: true, ca: 'the ca' } }],
    ['sslmode=no-verify', { ssl: unverified }],
    ['ssl=true', { ssl: { rejectUnauthorized: true } }],
    ['ssl=0', { ssl: false }],
    ['requiressl=1', { ssl: unverified }],
    [
      'sslmode=require&sslcert=cert.pem&sslkey=key.pem&sslpassword=x',
      { ssl: { ...unverified, cert: 'the cert', key: 'the key', passphrase: 'x' } },
    ],
    ['sslmode=require&sslnegotiation=direct', { ssl: unverified, sslnegotiation: 'direct' }],
    ['sslmode=require&ssl_min_protocol_version=TLSv1.3', { ssl: { ...unverified, minVersion: 'TLSv1.3' } }],
    ['host=/run/socket&sslmode=verify-full', { host: '/run/socket', ssl: false }],
    ['schema=App', { options: '-c search_path="App"' }],
    ['currentSchema=a,b', { options: '-c search_path=a,b' }],
    ['search_path=a,+b', { options: '-c search_path=a,\\ b' }],
    ['options=-c+geqo%3Doff&schema=a', { options: '-c geqo=off -c search_path="a"' }],
    ['application_name=shop&connect_timeout=7', { application_name: 'shop', connectionTimeoutMillis: 7000 }],
    ['port=7&password=x', { port: 7, password: 'x' }],
    ['connection_limit=5&pool_timeout=3&pgbouncer=true&statement_cache_size=0', {}],
    ['channel_binding=require', { enableChannelBinding: true, channelBinding: 'require' }],
    ['target_session_attrs=any', {}],
    ['target_session_attrs=primary', { targetSession: 'primary' }],
    ['client_encoding=UTF8', {}],
    ['', {}],
  ])('%s is honoured', async (parameters, settings) => {
    expect(await settingsOf(`postgres://anna@db.example/shop?${parameters}`)).toStrictEqual(settings)
  })

  test.each([
    ['sslmode=required', /sslmode=required is none that mig knows.*verify-full/],
    ['sslmode=', /sslmode= is none/],
    ['sslrootcert=ca.pem', /sslrootcert says nothing without sslmode/],
    ['sslmode=verify-ca&sslrootcert=none.pem', /file of sslrootcert cannot be read \(ENOENT\): none\.pem/],
    ['sslmode=require&sslrootcert=system', /too weak for sslrootcert=system/],
    ['sslmode=prefer&sslnegotiation=direct', /too weak for sslnegotiation=direct/],
    ['sslmode=require&sslcert=cert.pem', /sslcert needs sslkey/],
    ['ssl=maybe', /ssl=maybe is none/],
    ['schema=a&currentSchema=b', /schema in several ways/],
    ['schema=a&options=-c+search_path%3Db', /schema in several ways/],
    ['sslmode=require&sslmode=disable', /given twice/],
    ['hostaddr=10.0.0.1', /hostaddr cannot be honoured/],
    ['host=a,b', /host cannot be honoured: mig connects to one host/],
    ['target_session_attrs=standby', /target_session_attrs cannot be honoured/],
    ['client_encoding=LATIN1', /client_encoding cannot be honoured/],
    ['lock_timeout=5', /lock_timeout cannot be honoured/],
    ['service=shop', /service cannot be honoured/],
    ['gssencmode=require', /gssencmode cannot be honoured/],
    ['connect_timeout=soon', /connect_timeout=soon is none/],
    ['searchpath=a', /know the parameter searchpath.*Is search_path meant/],
    ['nonsense=1', /know the parameter nonsense/],
    ['toString=1', /know the parameter toString/],
    ['__proto__=1', /know the parameter __proto__/],
  ])('%s is refused', async (parameters, says) => {
    const said = await refusalOf(`postgres://anna:hunter2@db.example/shop?${parameters}`)
    expect(said).toMatch(says)
    expect(said).not.toMatch(/hunter2|db\.example/)
  })

  test.each([
    'postgres://anna:hunter2@a,b:1/shop',
    'postgres://a:1,b:2/shop',
    'postgres://anna:hunter2@a:1,b:2/shop?x=1',
  ])('several hosts are refused: %s', async (url) => {
    const said = await refusalOf(url)
    expect(said).toMatch(/several hosts, and mig connects to one: name the primary/)
    expect(said).not.toContain('hunter2')
  })

  test('beside a password in the parameters no unknown one is named: it may be a piece of it', async () => {
    const said = await refusalOf('postgres://db.example/shop?password=hunter&2hunter=x')
    expect(said).toContain('number 2 after')
    expect(said).not.toContain('hunter')
  })
})

describe('MySQL and MariaDB', () => {
  const verified = { rejectUnauthorized: true }
  test.each([
    ['ssl-mode=DISABLED', {}],
    ['ssl-mode=PREFERRED', { ssl: unverified, encryption: 'prefer' }],
    ['ssl-mode=REQUIRED', { ssl: unverified }],
    ['sslMode=REQUIRED', { ssl: unverified }],
    ['sslmode=require', { ssl: unverified }],
    ['sslMode=trust', { ssl: unverified }],
    ['ssl-mode=REQUIRED&ssl-ca=ca.pem', { ssl: { ...verified, ca: 'the ca' } }],
    ['ssl-mode=VERIFY_CA&sslca=ca.pem', { ssl: { ...verified, ca: 'the ca' } }],
    ['ssl_ca=ca.pem', { ssl: { ...verified, ca: 'the ca' } }],
    ['sslMode=VERIFY_IDENTITY', { ssl: { ...verified, verifyIdentity: true } }],
    ['sslmode=verify-full&ssl-ca=ca.pem', { ssl: { ...verified, verifyIdentity: true, ca: 'the ca' } }],
    ['sslaccept=strict', { ssl: { ...verified, verifyIdentity: true } }],
    ['sslaccept=accept_invalid_certs', { ssl: unverified }],
    ['ssl-verify-server-cert=1', { ssl: { ...verified, verifyIdentity: true } }],
    ['ssl=true&ssl-verify-server-cert', { ssl: verified }],
    ['ssl-cert=cert.pem&ssl-key=key.pem', { ssl: { ...unverified, cert: 'the cert', key: 'the key' } }],
    ['ssl=true', { ssl: verified }],
    ['ssl=false', {}],
    ['ssl={"minVersion":"TLSv1.3"}', { ssl: { minVersion: 'TLSv1.3' } }],
    ['ssl=Amazon RDS', { ssl: 'Amazon RDS' }],
    ['connectTimeout=5&dateStrings=true&charset=latin1', { connectTimeout: 5, dateStrings: true, charset: 'latin1' }],
    ['connect_timeout=5&connection_limit=1', { connectTimeout: 5000 }],
    ['socket=/run/mysqld.sock', { socketPath: '/run/mysqld.sock' }],
    ['nestTables="_"', { nestTables: '_' }],
  ])('%s is honoured', async (parameters, settings) => {
    if (parameters.endsWith('server-cert')) parameters += '=false'
    expect(await settingsOf(`mysql://anna@db.example/shop?${parameters}`)).toStrictEqual(settings)
  })

  test.each([
    ['ssl-mode=SOMETIMES', /ssl-mode=SOMETIMES is none that mig knows.*VERIFY_IDENTITY/],
    ['ssl-mode=REQUIRED&sslmode=disabled', /says twice/],
    ['ssl-mode=DISABLED&sslaccept=strict', /asks for TLS and forbids it/],
    ['ssl-cert=cert.pem', /ssl-cert needs ssl-key/],
    ['ssl-ca=none.pem', /file of ssl-ca cannot be read/],
    ['ssl=fast', /value of ssl is none/],
    ['ssl={"ca":""}&ssl-mode=REQUIRED', /ssl cannot be honoured/],
    ['useSSL=true', /useSSL cannot be honoured.*ssl-mode=REQUIRED/],
    ['sslrootcert=ca.pem', /sslrootcert cannot be honoured.*ssl-ca/],
    ['tls-version=TLSv1.3', /tls-version cannot be honoured.*minVersion/],
    ['schema=a', /schema cannot be honoured/],
    ['serverTimezone=UTC', /serverTimezone cannot be honoured/],
    ['charsett=utf8', /charsett.*Is charset meant/],
    ['dateStrings=maybe', /dateStrings=maybe is none/],
  ])('%s is refused', async (parameters, says) => {
    expect(await refusalOf(`mysql://anna:hunter2@db.example/shop?${parameters}`)).toMatch(says)
  })
})

test.each(['127.0.0.1', '[::1]'])('MySQL at %s: the driver cannot verify the identity of an address', async (host) => {
  expect(await refusalOf(`mysql://anna@${host}/shop?ssl-mode=VERIFY_IDENTITY`)).toMatch(/VERIFY_CA/)
  expect(await refusalOf(`mysql://anna@${host}/shop?ssl-mode=VERIFY_CA`)).toBe('taken')
})

test('a URL of SQLite has no parameters', async () => {
  expect(await refusalOf('sqlite:./shop.db?mode=ro')).toMatch(/has no parameters/)
})
