// What can be chosen on the command line.

import { parseArgs } from 'node:util'

import { engineNames, type EngineName } from './databases/database.js'
import { rowNames, type RowName } from './rows.js'
import { tools } from './tools/index.js'
import type { Tool } from './tools/tool.js'

export interface Options {
  readonly engines: readonly EngineName[]
  readonly sizes: readonly number[]
  readonly tools: readonly Tool[]
  readonly rows: readonly RowName[]
  readonly rounds: number
  /** Where one sample takes long: apply and revert of many migrations, and everything with very many. */
  readonly slowRounds: number
  /** Above this size only the no-op is measured, with its memory. */
  readonly applyUpTo: number
  readonly timeoutMs: number
  /** Keeps what an earlier run measured, where this one measures something else. */
  readonly merge: boolean
  readonly output: string | undefined
  /** Measures nothing: writes the tables and curves of the documentation. */
  readonly writeDocs: boolean
  readonly help: boolean
}

/** From how many migrations on `slowRounds` count: for apply and revert, and for all rows. */
export const many = 1000
export const veryMany = 10_000

export const usage = `npm run bench -- [options]

  --engines sqlite,postgres
  --sizes 10,100,1000,10000   numbers of migrations
  --tools ${tools.map(({ name }) => name).join(',')}
  --rows ${rowNames.join(',')}
  --rounds 7                  samples of each; one more, before, is not counted
  --slow-rounds 3             the same for apply and revert from ${many} migrations on, and for all from ${veryMany} on
  --apply-up-to 1000          only no-op and memory with more migrations
  --timeout 300               seconds after which a process is given up
  --merge                     keep what the results have and this run does not measure
  --output FILE               instead of bench/results/latest.json
  --write-docs                measure nothing; write docs/performance.md and its curves from the results
`

/** @throws when a value is none that there is, with those that there are */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({ args: [...args], options: table, strict: true })
  return {
    engines: chosen('--engines', values.engines, engineNames),
    sizes: list(values.sizes).map((text) => wholeNumber('--sizes', text)),
    tools: chosenTools(values.tools),
    rows: chosen('--rows', values.rows, rowNames),
    rounds: wholeNumber('--rounds', values.rounds),
    slowRounds: Math.min(wholeNumber('--slow-rounds', values['slow-rounds']), wholeNumber('--rounds', values.rounds)),
    applyUpTo: wholeNumber('--apply-up-to', values['apply-up-to']),
    timeoutMs: wholeNumber('--timeout', values.timeout) * 1000,
    merge: values.merge,
    output: values.output,
    writeDocs: values['write-docs'],
    help: values.help,
  }
}

const table = {
  engines: { type: 'string', default: '' },
  sizes: { type: 'string', default: '10,100,1000,10000' },
  tools: { type: 'string', default: '' },
  rows: { type: 'string', default: '' },
  rounds: { type: 'string', default: '7' },
  'slow-rounds': { type: 'string', default: '3' },
  'apply-up-to': { type: 'string', default: '1000' },
  timeout: { type: 'string', default: '300' },
  merge: { type: 'boolean', default: false },
  output: { type: 'string' },
  'write-docs': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

function list(text: string): readonly string[] {
  return text.split(',').filter((part) => part !== '')
}

/** All, where none is named; in their own order. */
function chosen<Name extends string>(option: string, text: string, all: readonly Name[]): readonly Name[] {
  const named = list(text)
  const unknown = named.filter((name) => !(all as readonly string[]).includes(name))
  if (unknown.length > 0) throw new Error(`${option}: ${unknown.join(', ')} is none of ${all.join(', ')}`)
  return named.length === 0 ? all : all.filter((name) => named.includes(name))
}

/** The floor of all floors is always measured: the ratios are to it. */
function chosenTools(text: string): readonly Tool[] {
  const names = chosen(
    '--tools',
    text,
    tools.map(({ name }) => name),
  )
  return tools.filter(({ name }) => name === 'node' || names.includes(name))
}

function wholeNumber(option: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${option}: ${text} is no whole number above 0`)
  return Number(text)
}
