// Writes the reference pages from the commands' own tables and the list of codes: `npm run docs`.

import { writeFileSync } from 'node:fs'
import { referencePages } from './reference.js'

for (const { path, text } of referencePages()) writeFileSync(new URL(path, import.meta.url), text)
