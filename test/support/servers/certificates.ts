// Certificates for servers with TLS: an authority, another one, and what the first has signed. Made anew by openssl.

import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync } from 'node:fs'
import { join } from 'node:path'

import { findProgram, makeServerFolder, unprivileged } from './server.js'

/** Paths of files in PEM. */
export interface Certificates {
  readonly authority: string
  readonly otherAuthority: string
  /** Of `localhost`, and of no address. */
  readonly server: { readonly cert: string; readonly key: string }
  /** Of the user `anna`; the key is locked by the password `sesame`. */
  readonly client: { readonly cert: string; readonly key: string }
}

/** Why none can be made here; undefined when they can. */
export function missingForCertificates(): string | undefined {
  return findProgram(['openssl']) === undefined ? 'no openssl on PATH' : undefined
}

export function makeCertificates(folder: string): Certificates {
  makeServerFolder(folder)
  const path = (name: string) => join(folder, name)
  const openssl = (...args: string[]): void => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder })
    if (status !== 0) throw new Error(`openssl ${args[0]}: ${String(stderr)}`)
  }
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  const authority = (name: string): string => {
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-noenc',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-subj',
      `/CN=${name}`,
    )
    return path(`${name}.pem`)
  }
  const signed = (name: string, cn: string, key: string[], more: string[]) => {
    openssl('req', ...newKey, ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${cn}`, ...more)
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions', 'copy', '-days', '2']
    openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-out', `${name}.pem`)
    return { cert: path(`${name}.pem`), key: ownedByServer(path(`${name}.key`)) }
  }
  return {
    authority: authority('ca'),
    otherAuthority: authority('other'),
    server: signed('server', 'localhost', ['-noenc'], ['-addext', 'subjectAltName=DNS:localhost']),
    client: signed('client', 'anna', ['-passout', 'pass:sesame'], []),
  }
}

/** A server reads its key only when nobody else may. */
function ownedByServer(path: string): string {
  const { uid, gid } = unprivileged()
  chmodSync(path, 0o600)
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid)
  return path
}
