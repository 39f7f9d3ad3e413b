// MySQL and MariaDB: TLS as their clients mean it (MySQL manual, "Command Options for Encrypted Connections"), in the
// spellings of the drivers: ssl-mode, sslMode, sslmode; ssl-ca, sslca.

import { isIP } from 'node:net'
import { clientCertificate, type TlsOptions, type Verification } from '../tls.js'
import { badUrl } from '../url.js'
import {
  booleanIn,
  never,
  readNamed,
  refused,
  refusedValue,
  type Parameters,
  type Settings,
} from '../url-parameters.js'

type Mode = 'off' | 'preferred' | Verification

const modes: Readonly<Record<string, Mode>> = {
  disabled: 'off',
  disable: 'off',
  preferred: 'preferred',
  prefer: 'preferred',
  required: 'encrypt',
  require: 'encrypt',
  trust: 'encrypt',
  verifyca: 'chain',
  verifyidentity: 'identity',
  verifyfull: 'identity',
}

const known = ['sslmode', 'sslca', 'sslcert', 'sslkey', 'sslpassword', 'sslaccept', 'sslverifyservercert', 'ssl']
const forJava = 'it is of an old Connector/J'
const elsewhere = never('it is read from no file', 'Write what the driver takes: ssl={"ciphers":"…"}, ssl={"ca":"…"}.')
const foreign: Readonly<Record<string, ReturnType<typeof never>>> = {
  usessl: never(forJava, 'Write ssl-mode=REQUIRED.'),
  requiressl: never(forJava, 'Write ssl-mode=REQUIRED.'),
  verifyservercertificate: never(forJava, 'Write ssl-mode=VERIFY_IDENTITY.'),
  sslidentity: never('no such archive is read', 'Write ssl-cert=… and ssl-key=….'),
  sslrootcert: never('it is of PostgreSQL', 'Write ssl-ca=….'),
  sslcapath: elsewhere,
  sslcipher: elsewhere,
  sslcrl: elsewhere,
  sslcrlpath: elsewhere,
  tlsversion: never('it is none of the driver', 'Write ssl={"minVersion":"TLSv1.2"}.'),
  tlsciphersuites: elsewhere,
}

/** The name of a parameter that speaks of TLS, without signs and capitals; null when it does not. */
export function tlsName(name: string): string | null {
  const plain = name.toLowerCase().replace(/[-_]/g, '')
  return known.includes(plain) || plain in foreign ? plain : null
}

/** The parameters that speak of TLS, by their plain names. @throws UsageError `config.bad-url` */
function gathered(parameters: Parameters): Parameters {
  const found: Record<string, string> = {}
  for (const [name, value] of Object.entries(parameters)) {
    const plain = tlsName(name)
    if (plain === null) continue
    foreign[plain]?.(value, name)
    if (found[plain] !== undefined) throw badUrl(`it says twice what ${name} says`, 'Keep one spelling.')
    found[plain] = value
  }
  return found
}

/** `encryption` says that a second try in plain text is asked for. @throws UsageError `config.bad-url` */
export function tlsOf(parameters: Parameters, host: unknown, root: string): Settings {
  const given = gathered(parameters)
  if (given.ssl !== undefined && booleanIn(given.ssl) === null) return ofDriver(given)
  const mode = modeOf(given)
  if (mode === null || mode === 'off') return {}
  // For an address the driver asks whether the certificate is of `localhost`.
  if (mode === 'identity' && typeof host === 'string' && isIP(host) !== 0)
    throw badUrl(
      'the driver cannot verify that a certificate is of an address',
      'Name the host as its certificate does; or verify the authority alone: ssl-mode=VERIFY_CA.',
    )
  const { sslca, sslcert, sslkey, sslpassword } = given
  const ca = sslca === undefined ? undefined : readNamed('ssl-ca', sslca, root)
  const verifies = mode === 'chain' || mode === 'identity' || ca !== undefined
  const ssl: TlsOptions & { readonly verifyIdentity?: true } = {
    rejectUnauthorized: verifies,
    ...(mode === 'identity' && { verifyIdentity: true }),
    ...(ca !== undefined && { ca }),
    ...clientCertificate({ cert: ['ssl-cert', sslcert], key: ['ssl-key', sslkey], passphrase: sslpassword }, root),
  }
  return { ssl, ...(mode === 'preferred' && { encryption: 'prefer' }) }
}

/** What proves most of all that is asked for; a file alone asks for TLS, and an authority for its proof. */
function modeOf(given: Parameters): Mode | null {
  const asked = [ofMode(given), ofAccept(given), ofVerify(given), ofSwitch(given)].filter((mode) => mode !== null)
  if (asked.length > 0 && asked.includes('off')) {
    if (asked.some((mode) => mode !== 'off'))
      throw badUrl('it asks for TLS and forbids it', 'Write only ssl-mode=VERIFY_IDENTITY, REQUIRED or DISABLED.')
    return 'off'
  }
  const strength: readonly Mode[] = ['identity', 'chain', 'encrypt', 'preferred']
  const strongest = strength.find((mode) => asked.includes(mode))
  if (strongest !== undefined) return strongest
  if (given.sslca !== undefined) return 'chain'
  return given.sslcert === undefined && given.sslkey === undefined ? null : 'encrypt'
}

function ofMode({ sslmode }: Parameters): Mode | null {
  if (sslmode === undefined) return null
  const mode = modes[sslmode.toLowerCase().replace(/[-_]/g, '')]
  if (mode !== undefined) return mode
  throw refusedValue('ssl-mode', sslmode, 'DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY')
}

/** Of Prisma. */
function ofAccept({ sslaccept }: Parameters): Mode | null {
  if (sslaccept === undefined) return null
  if (sslaccept === 'strict') return 'identity'
  if (sslaccept === 'accept_invalid_certs') return 'encrypt'
  throw refusedValue('sslaccept', sslaccept, 'strict or accept_invalid_certs; better write ssl-mode')
}

/** Of MariaDB. */
function ofVerify({ sslverifyservercert: verify }: Parameters): Mode | null {
  if (verify === undefined) return null
  const isOn = booleanIn(verify)
  if (isOn === null) throw refusedValue('ssl-verify-server-cert', verify, 'true or false')
  return isOn ? 'identity' : 'encrypt'
}

/** The driver verifies whom it trusts, and not whether the host is the one that was named. */
function ofSwitch({ ssl }: Parameters): Mode | null {
  if (ssl === undefined) return null
  return booleanIn(ssl) === true ? 'chain' : 'off'
}

/** `ssl={…}` in JSON, or a profile of the driver. */
function ofDriver({ ssl = '', ...others }: Parameters): Settings {
  if (Object.keys(others).length > 0)
    throw refused('ssl', `it says by itself what ${Object.keys(others).join(', ')} would say`, 'Write one of them.')
  if (ssl === 'Amazon RDS') return { ssl }
  try {
    const options: unknown = JSON.parse(ssl)
    if (typeof options === 'object' && options !== null && !Array.isArray(options)) return { ssl: options }
  } catch {
    // Neither: it is refused below, whatever the reason.
  }
  throw badUrl(
    'the value of ssl is none that the driver knows',
    'Write ssl-mode=VERIFY_IDENTITY, REQUIRED or DISABLED.',
  )
}
