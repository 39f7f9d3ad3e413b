// Sources as the history keeps them: as they are; compressed when they are long; and only by their hash when even that
// would be too long for a message to the server (MySQL manual, "max_allowed_packet"; 4 MB are common).

import { gunzipSync, gzipSync } from 'node:zlib'
import { hashOf } from '../core/checksum.js'

/** In characters. */
const longestPlain = 64_000
const longestCompressed = 1_000_000
/** What is longer is not even tried. */
const longestTried = 16_000_000

const compressed = 'gzip:'
const hashed = 'sha256:'

/** A source, or the JSON of modules, for its column. */
export function keptText(text: string): string {
  const isPlain = text.length <= longestPlain && !text.startsWith(compressed) && !text.startsWith(hashed)
  if (isPlain) return text
  const short = text.length <= longestTried ? compressed + gzipSync(text).toString('base64') : null
  return short !== null && short.length <= longestCompressed ? short : hashForm(text)
}

/** The text that was kept; null where it is only its hash. */
export function textKept(kept: string): string | null {
  if (kept.startsWith(hashed)) return null
  return kept.startsWith(compressed)
    ? gunzipSync(Buffer.from(kept.slice(compressed.length), 'base64')).toString()
    : kept
}

/** Local modules for their column; null when there are none. The longest are kept by their hash until the others fit. */
export function keptModules(modules: Readonly<Record<string, string>>): string | null {
  const kept = new Map(Object.entries(modules))
  if (kept.size === 0) return null
  const byLength = [...kept.keys()].sort((a, b) => (kept.get(b) ?? '').length - (kept.get(a) ?? '').length)
  for (const name of [...byLength, null]) {
    const text = keptText(JSON.stringify(Object.fromEntries(kept)))
    if (name === null || !text.startsWith(hashed)) return text
    kept.set(name, hashForm(kept.get(name) ?? ''))
  }
  return null
}

/** A module as it was kept, to be compared with the one of now: where only the hash was kept and fits, they are the same. */
export function comparable(kept: string | null, now: string | null): string | null {
  if (kept === null || !kept.startsWith(hashed)) return kept
  return now !== null && hashForm(now) === kept ? now : `(${kept}: too long to be kept)\n`
}

function hashForm(text: string): string {
  return `${hashed}${hashOf(text)} (${text.length} characters)`
}
