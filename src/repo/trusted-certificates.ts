import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { getCACertificates } from 'node:tls'

/**
 * Makes git trust whom Node trusts, where the operator added somebody by NODE_EXTRA_CA_CERTS: git takes one file in place of
 * its own, not beside it. Answers the file; `undefined` when nobody was added.
 */
export function writeTrustedCertificates(folder: string): string | undefined {
  if (getCACertificates('extra').length === 0) return undefined
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'certificates.pem')
  writeFileSync(file, `${getCACertificates('default').join('\n')}\n`)
  return file
}
