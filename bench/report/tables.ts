// The results as tables in Markdown, aligned, so that a terminal shows them as well.

import { engineNames, type EngineName } from '../databases/database.js'
import { median, type Measurement, type Results } from '../results.js'
import { databaseRows, startRows, type DatabaseRow, type RowName } from '../rows.js'
import { tools } from '../tools/index.js'

export const titles: Readonly<Record<RowName, string>> = {
  version: '`--version`',
  help: '`--help`',
  'command-help': 'help of the command that applies',
  status: 'status: what is applied',
  'no-op': 'nothing to do: everything is applied',
  apply: 'apply all, from an empty database',
  revert: 'revert the last one',
  memory: 'memory when there is nothing to do',
  plan: 'planning alone',
}

export const engineTitles: Readonly<Record<EngineName, string>> = { sqlite: 'SQLite', postgres: 'PostgreSQL' }

export function renderTables(results: Results): string {
  return [machine(results), start(results), ...byEngine(results), plan(results), footnotes(results)]
    .filter((part) => part !== '')
    .join('\n\n')
}

function machine({ date, machine: { processor, cores, memoryGb, system, node }, versions }: Results): string {
  const engines = engineNames.flatMap((name) => (name in versions ? [`${engineTitles[name]} ${versions[name]}`] : []))
  const names = tools.filter(({ name, isFloor }) => isFloor !== true && name in versions)
  const used = names.map(({ name, label }) => `${label} ${versions[name]}`)
  const place = `${processor}, ${cores} cores, ${memoryGb} GB, ${system}, Node ${node}`
  const reading = 'The two columns on the right compare the last column of figures.'
  return `${[date.slice(0, 10), place, ...engines].join('; ')}.\n${used.join('; ')}.\n${reading}`
}

/** The rows without a database: one table, a column for each. */
function start({ measurements }: Results): string {
  const found = measurements.filter(({ row }) => (startRows as readonly RowName[]).includes(row))
  const columns = startRows.filter((row) => found.some((measurement) => measurement.row === row))
  if (columns.length === 0) return ''
  const cellOf = (tool: string, row: RowName) => found.find((one) => one.tool === tool && one.row === row)
  const body = present(found).map(({ name, label }) => [
    label,
    ...columns.map((row) => cell(cellOf(name, row))),
    ...ratios(columns.map((row) => [cellOf(name, row), cellOf('node', row), cellOf('knex', row)] as const).at(-1)),
  ])
  return `**Start**, median in ms\n\n${grid(['', ...columns.map((row) => titles[row]), ...ratioTitles], body)}`
}

function byEngine({ measurements }: Results): readonly string[] {
  return databaseRows.flatMap((row) =>
    engineNames.flatMap((engine) => {
      const found = measurements.filter((one) => one.row === row && one.engine === engine)
      return found.length === 0 ? [] : [sizes(row, engine, found)]
    }),
  )
}

/** A column for each number of migrations; the ratios are those of the last column. */
function sizes(row: DatabaseRow, engine: EngineName, found: readonly Measurement[]): string {
  const columns = [...new Set(found.map(({ size }) => size ?? 0))].toSorted((a, b) => a - b)
  const cellOf = (tool: string, size: number) => found.find((one) => one.tool === tool && one.size === size)
  const last = columns.at(-1) ?? 0
  const body = present(found).map(({ name, label }) => [
    label,
    ...columns.map((size) => cell(cellOf(name, size))),
    ...ratios([cellOf(name, last), cellOf('node', last), cellOf('knex', last)]),
  ])
  const unit = row === 'memory' ? 'MB' : 'median in ms'
  const head = ['migrations', ...columns.map(thousands), ...ratioTitles]
  return `**${engineTitles[engine]}, ${titles[row]}**, ${unit}\n\n${grid(head, body)}`
}

const ratioTitles = ['× node -e 0', '× Knex, TypeScript']

function ratios(
  parts: readonly [Measurement | undefined, Measurement | undefined, Measurement | undefined] | undefined,
): readonly string[] {
  const [own, ...others] = parts ?? []
  return others.map((other) => {
    const ratio = medianOf(own) / medianOf(other)
    return Number.isFinite(ratio) ? ratio.toFixed(ratio < 10 ? 2 : 0) : ''
  })
}

function plan({ measurements }: Results): string {
  const found = measurements.find(({ row }) => row === 'plan')
  if (found === undefined) return ''
  const revisions = thousands(found.size ?? 0)
  return `**${titles.plan}**: graph and plan of ${revisions} revisions with branches and merges, CPU time: ${cell(found)} ms`
}

/** Whoever failed, or is not there, is named: a gap in a table says nothing. */
function footnotes({ measurements, skipped }: Results): string {
  const failed = measurements.flatMap(({ tool, row, engine, size, problem }) =>
    problem === null ? [] : [`- ${labelOf(tool)}, ${[engine, row, size].filter(Boolean).join(', ')}: ${problem}`],
  )
  const missing = Object.entries(skipped).map(([name, reason]) => `- ${labelOf(name)} was left out: ${reason}`)
  return [...new Set([...failed, ...missing])].join('\n')
}

function present(found: readonly Measurement[]): typeof tools {
  return tools.filter(({ name }) => found.some(({ tool }) => tool === name))
}

function labelOf(name: string): string {
  return tools.find((tool) => tool.name === name)?.label ?? name
}

function cell(measurement: Measurement | undefined): string {
  if (measurement === undefined) return '–'
  return measurement.problem === null ? thousands(Math.round(medianOf(measurement))) : 'failed'
}

export function medianOf(measurement: Measurement | undefined): number {
  return measurement === undefined || measurement.values.length === 0 ? NaN : median(measurement.values)
}

export function thousands(value: number): string {
  return value.toLocaleString('en-US')
}

function grid(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((title, index) => Math.max(title.length, ...body.map((cells) => cells[index]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text, index) => (index === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[index] ?? 0))).join(' | ')} |`
  const rule = `|${widths.map((width, index) => `${'-'.repeat(width + 1)}${index === 0 ? '-' : ':'}`).join('|')}|`
  return [line(head), rule, ...body.map(line)].join('\n')
}
