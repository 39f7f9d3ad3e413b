// PostgreSQL: TLS as libpq means it (PostgreSQL manual, "SSL Support" and "Connection Strings").

import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { clientCertificate, systemAuthorities, type TlsOptions } from '../tls.js'
import { badUrl } from '../url.js'
import { booleanIn, readNamed, refused, refusedValue, type Parameters, type Settings } from '../url-parameters.js'

const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'] as const
type Mode = (typeof modes)[number]

/** The parameters that speak of TLS. */
export const tlsParameters = [
  'ssl',
  'sslmode',
  'requiressl',
  'sslnegotiation',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslpassword',
  'sslcrl',
  'sslcertmode',
  'ssl_min_protocol_version',
  'ssl_max_protocol_version',
]

/**
 * Settings of node-pg; `encryption` says where a second try in the other way is asked for (`prefer`, `allow`). Where
 * nothing is said of TLS, the driver's own default holds.
 * @throws UsageError `config.bad-url`
 */
export function tlsOf(given: Parameters, isSocket: boolean, root: string): Settings {
  const mode = modeOf(given)
  if (mode === null) return {}
  // libpq passes over all of it on a Unix socket.
  if (mode === 'disable' || isSocket) return { ssl: false }
  const ssl = optionsOf(mode, given, root)
  return {
    ssl,
    ...(isDirect(given, mode) && { sslnegotiation: 'direct' }),
    ...((mode === 'prefer' || mode === 'allow') && { encryption: mode }),
  }
}

function modeOf(given: Parameters): Mode | null {
  const mode = given.sslmode ?? modeInOtherWords(given)
  if (mode !== undefined) {
    if (!modes.some((known) => known === mode)) throw refusedValue('sslmode', mode, modes.slice(0, 6).join(', '))
    if (given.sslrootcert === 'system' && mode !== 'verify-full')
      throw badUrl(`sslmode=${mode} is too weak for sslrootcert=system`, 'Write sslmode=verify-full, as libpq demands.')
    return mode as Mode
  }
  if (given.sslrootcert === 'system') return 'verify-full'
  const [first] = tlsParameters.filter((name) => given[name] !== undefined)
  if (first === undefined) return null
  throw badUrl(
    `${first} says nothing without sslmode`,
    'Write sslmode=verify-full (or verify-ca, require) beside it: without sslmode even libpq may connect in plain text.',
  )
}

/** `ssl` as JDBC and node-pg write it: as the latter, who verifies. */
function modeInOtherWords({ ssl, requiressl }: Parameters): string | undefined {
  if (requiressl !== undefined) return booleanIn(requiressl) === true ? 'require' : 'prefer'
  if (ssl === undefined) return undefined
  if (ssl === 'no-verify') return ssl
  const isOn = booleanIn(ssl)
  if (isOn === null) throw refusedValue('ssl', ssl, 'true or false; better write sslmode')
  return isOn ? 'verify-full' : 'disable'
}

function optionsOf(mode: Mode, given: Parameters, root: string): TlsOptions {
  const ca = authoritiesOf(mode, given, root)
  const verifies = mode.startsWith('verify') || (ca !== undefined && mode !== 'no-verify')
  return {
    rejectUnauthorized: verifies,
    ...(ca !== undefined && { ca }),
    ...(verifies && mode !== 'verify-full' && { checkServerIdentity: () => undefined }),
    ...certificateOf(given, root),
    ...(given.sslcrl !== undefined && { crl: readNamed('sslcrl', given.sslcrl, root) }),
    ...versionOf(given, 'ssl_min_protocol_version', 'minVersion'),
    ...versionOf(given, 'ssl_max_protocol_version', 'maxVersion'),
  }
}

/** With a root certificate `require` verifies, too ("Client Verification of Server Certificates"). */
function authoritiesOf(mode: Mode, { sslrootcert }: Parameters, root: string): TlsOptions['ca'] {
  if (sslrootcert === 'system') return systemAuthorities()
  const path = sslrootcert ?? process.env.PGSSLROOTCERT ?? ofHome('root.crt')
  return path === undefined || mode === 'no-verify' ? undefined : readNamed('sslrootcert', path, root)
}

function certificateOf(given: Parameters, root: string): Partial<TlsOptions> {
  const { sslcert, sslkey, sslpassword, sslcertmode } = given
  if (sslcertmode === 'disable') return {}
  if (sslcertmode !== undefined && sslcertmode !== 'allow')
    throw refused('sslcertmode', 'whether the server asks for a certificate cannot be demanded', 'Leave it out.')
  const cert = sslcert ?? process.env.PGSSLCERT ?? ofHome('postgresql.crt')
  const key = sslkey ?? process.env.PGSSLKEY ?? (cert === undefined ? undefined : ofHome('postgresql.key'))
  return clientCertificate({ cert: ['sslcert', cert], key: ['sslkey', key], passphrase: sslpassword }, root)
}

/** What libpq takes where nothing is named. */
function ofHome(name: string): string | undefined {
  const path = join(homedir(), '.postgresql', name)
  return existsSync(path) ? path : undefined
}

function versionOf(given: Parameters, name: string, key: 'minVersion' | 'maxVersion'): Partial<TlsOptions> {
  const version = given[name]
  if (version === undefined) return {}
  if (!/^TLSv1(\.[123])?$/.test(version)) throw refusedValue(name, version, 'TLSv1.2, TLSv1.3')
  return { [key]: version }
}

function isDirect({ sslnegotiation }: Parameters, mode: Mode): boolean {
  if (sslnegotiation === undefined || sslnegotiation === 'postgres') return false
  if (sslnegotiation !== 'direct') throw refusedValue('sslnegotiation', sslnegotiation, 'postgres or direct')
  if (mode === 'prefer' || mode === 'allow')
    throw badUrl(`sslmode=${mode} is too weak for sslnegotiation=direct`, 'Write sslmode=require or verify-full.')
  return true
}
