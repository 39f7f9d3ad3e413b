// TLS as a URL asks for it, in the terms of Node: what is verified, and with which files.

import { readFileSync } from 'node:fs'
import * as tls from 'node:tls'
import { badUrl } from './url.js'
import { readNamed } from './url-parameters.js'

/** `encrypt`: whoever answers. `chain`: who has a certificate of a known authority. `identity`: and is the host that was named. */
export type Verification = 'encrypt' | 'chain' | 'identity'

export interface TlsOptions {
  readonly rejectUnauthorized: boolean
  readonly ca?: string | readonly string[]
  readonly cert?: string
  readonly key?: string
  readonly passphrase?: string
  readonly crl?: string
  readonly minVersion?: string
  readonly maxVersion?: string
  readonly checkServerIdentity?: () => undefined
}

/** What proves who the client is: names of parameters, with the values that they have. */
export interface ClientCertificate {
  readonly cert: readonly [name: string, path: string | undefined]
  readonly key: readonly [name: string, path: string | undefined]
  readonly passphrase?: string | undefined
}

/** The files of a client's certificate; one without the other proves nothing. @throws UsageError `config.bad-url` */
export function clientCertificate(given: ClientCertificate, root: string): Partial<TlsOptions> {
  const [certName, cert] = given.cert
  const [keyName, key] = given.key
  if ((cert === undefined) !== (key === undefined))
    throw badUrl(
      `${cert === undefined ? keyName : certName} needs ${cert === undefined ? certName : keyName} beside it`,
      `A certificate of the client is two files: ${certName}=…&${keyName}=…`,
    )
  if (cert === undefined || key === undefined) return {}
  return {
    cert: readNamed(certName, cert, root),
    key: readNamed(keyName, key, root),
    ...(given.passphrase !== undefined && { passphrase: given.passphrase }),
  }
}

/** The authorities that the system trusts; undefined: those that Node brings along, where it cannot ask the system. */
export function systemAuthorities(): readonly string[] | undefined {
  const named = process.env.SSL_CERT_FILE
  if (named) return [readFileSync(named, 'utf8')]
  const { getCACertificates } = tls as { readonly getCACertificates?: (type: 'system') => readonly string[] }
  return getCACertificates?.('system')
}
