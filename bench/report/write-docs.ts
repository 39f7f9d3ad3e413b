// Puts the results into the documentation: the tables between two marks of docs/performance.md, and the curves beside it.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { engineNames } from '../databases/database.js'
import { repository } from '../packages.js'
import { medianOf, engineTitles, renderTables, titles } from './tables.js'
import { hues, renderCurves, type Curve } from './curves.js'
import type { Results } from '../results.js'
import { tools } from '../tools/index.js'

const page = join(repository, 'docs', 'performance.md')
const images = join(repository, 'docs', 'images')
const curveRows = ['no-op', 'apply'] as const

type CurveRow = (typeof curveRows)[number]

export function writeDocs(results: Results): void {
  mkdirSync(images, { recursive: true })
  const drawn = curveRows.flatMap((row) => engineNames.flatMap((engine) => drawCurves(results, row, engine)))
  const text = readFileSync(page, 'utf8')
  const begin = '<!-- bench:begin -->'
  const end = '<!-- bench:end -->'
  if (!text.includes(begin) || !text.includes(end)) throw new Error(`${page} has no ${begin} and ${end}`)
  const [before = ''] = text.split(begin)
  const after = text.slice(text.indexOf(end) + end.length)
  writeFileSync(page, `${before}${begin}\n\n${[...drawn, renderTables(results)].join('\n\n')}\n\n${end}${after}`)
}

/** Writes the picture; returns the line that shows it. Nothing where there is nothing to compare. */
function drawCurves(results: Results, row: CurveRow, engine: (typeof engineNames)[number]): readonly string[] {
  const curves = curvesOf(results, row, engine)
  if (!curves.some(({ points }) => points.length > 1)) return []
  const title = `${engineTitles[engine]}: ${titles[row]}`
  const file = `performance-${row}-${engine}.svg`
  writeFileSync(join(images, file), renderCurves({ title, across: 'migrations', up: 'seconds', curves }))
  return [`![${title}, time over the number of migrations](images/${file})`]
}

function curvesOf({ measurements }: Results, row: CurveRow, engine: string): readonly Curve[] {
  return tools.flatMap(({ name, label, isFloor }, index) => {
    const points = measurements
      .filter((one) => one.row === row && one.engine === engine && one.tool === name && one.problem === null)
      .map((one) => ({ x: one.size ?? 0, y: medianOf(one) / 1000 }))
      .toSorted((a, b) => a.x - b.x)
    const kind = name === 'mig' ? 'subject' : isFloor === true ? 'floor' : 'peer'
    return points.length === 0 ? [] : [{ label, kind, colour: index % hues.length, points } as const]
  })
}
