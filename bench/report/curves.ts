// Curves on two logarithmic axes, as one SVG: drawn by a pure function, readable on a light and on a dark page.

export interface Curve {
  readonly label: string
  /** Below `hues.length`; who has the same number in two pictures has the same colour. */
  readonly colour: number
  /** The one that it is about, those beside it, and what nobody can go below. */
  readonly kind: 'subject' | 'peer' | 'floor'
  readonly points: readonly Point[]
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Chart {
  readonly title: string
  readonly across: string
  readonly up: string
  readonly curves: readonly Curve[]
}

const width = 860
const height = 460
const frame = { left: 64, right: 660, top: 48, bottom: 410 }
const lineHeight = 16

/** Every curve must have a point; all values are above 0. */
export function renderCurves(chart: Chart): string {
  const points = chart.curves.flatMap((curve) => curve.points)
  const across = axis(
    points.map(({ x }) => x),
    frame.left + 16,
    frame.right,
  )
  const up = axis(
    points.map(({ y }) => y),
    frame.bottom - 8,
    frame.top + 8,
  )
  const place = ({ x, y }: Point): Point => ({ x: across.place(x), y: up.place(y) })
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(chart.title)}">`,
    style,
    `<text class="title" x="${frame.left}" y="24">${escape(chart.title)}</text>`,
    ...gridAcross(across, chart.across),
    ...gridUp(up, chart.up),
    ...subjectLast(chart.curves).map((curve) => line(curve, curve.points.map(place))),
    ...labels(chart.curves, place),
    '</svg>',
  ].join('\n')}\n`
}

/** What is drawn last lies above the others. */
function subjectLast(curves: readonly Curve[]): readonly Curve[] {
  return curves.toSorted((a, b) => Number(a.kind === 'subject') - Number(b.kind === 'subject'))
}

interface Axis {
  readonly ticks: readonly number[]
  readonly place: (value: number) => number
}

/** From the smallest to the largest value, with a tick at 1, 2 and 5 of each power of ten; where they are many powers, at those alone. */
function axis(values: readonly number[], from: number, to: number): Axis {
  const low = Math.log10(Math.min(...values))
  const high = Math.max(Math.log10(Math.max(...values)), low + 0.3)
  const place = (value: number) => from + ((Math.log10(value) - low) / (high - low)) * (to - from)
  const powers = Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, index) => Math.floor(low) + index)
  const steps = high - low > 2.9 ? [1] : [1, 2, 5]
  const ticks = powers.flatMap((power) => steps.map((step) => step * 10 ** power))
  const slack = 1e-6
  return { place, ticks: ticks.filter((tick) => Math.log10(tick) > low - slack && Math.log10(tick) < high + slack) }
}

function gridAcross({ ticks, place }: Axis, title: string): readonly string[] {
  const lines = ticks.map((tick) => {
    const x = rounded(place(tick))
    return `<path class="grid" d="M${x} ${frame.top}V${frame.bottom}"/><text class="tick" x="${x}" y="${frame.bottom + 18}" text-anchor="middle">${tickText(tick)}</text>`
  })
  const middle = rounded((frame.left + frame.right) / 2)
  return [
    ...lines,
    `<text class="tick" x="${middle}" y="${frame.bottom + 38}" text-anchor="middle">${escape(title)}</text>`,
  ]
}

function gridUp({ ticks, place }: Axis, title: string): readonly string[] {
  const lines = ticks.map((tick) => {
    const y = rounded(place(tick))
    return `<path class="grid" d="M${frame.left} ${y}H${frame.right}"/><text class="tick" x="${frame.left - 8}" y="${y + 4}" text-anchor="end">${tickText(tick)}</text>`
  })
  return [
    ...lines,
    `<text class="tick" x="${frame.left - 8}" y="${frame.top - 6}" text-anchor="end">${escape(title)}</text>`,
  ]
}

function tickText(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 6 })
}

function line({ kind, colour }: Curve, points: readonly Point[]): string {
  const path = points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${rounded(x)} ${rounded(y)}`).join('')
  const dots = points.map(
    ({ x, y }) => `<circle cx="${rounded(x)}" cy="${rounded(y)}" r="${kind === 'subject' ? 4 : 2.5}"/>`,
  )
  return `<g class="${kind} c${colour}"><path class="curve" d="${path}"/>${dots.join('')}</g>`
}

/** Each beside the end of its curve; where ends lie close, pushed apart and tied to them by a thin line. */
function labels(curves: readonly Curve[], place: (point: Point) => Point): readonly string[] {
  const ends = curves
    .flatMap((curve) => {
      const last = curve.points.at(-1)
      return last === undefined ? [] : [{ curve, end: place(last) }]
    })
    .toSorted((a, b) => a.end.y - b.end.y)
  const heights = spread(ends.map(({ end }) => end.y))
  return ends.map(({ curve: { kind, label, colour }, end }, at) => {
    const y = heights[at] ?? end.y
    const x = frame.right + 28
    const tie = `M${rounded(end.x + 5)} ${rounded(end.y)}L${x - 4} ${rounded(y)}`
    return `<g class="${kind} c${colour}"><path class="tie" d="${tie}"/><text class="label" x="${x}" y="${rounded(y + 4)}">${escape(label)}</text></g>`
  })
}

/** Sorted heights, no two of them closer than a line of text, none outside, and each as near to its own as that allows. */
function spread(wanted: readonly number[]): readonly number[] {
  const downwards: number[] = []
  for (const y of wanted) downwards.push(Math.max(y, (downwards.at(-1) ?? -Infinity) + lineHeight))
  const placed: number[] = []
  for (const y of downwards.toReversed())
    placed.push(Math.min(y, (placed.at(-1) ?? frame.bottom + lineHeight) - lineHeight))
  return placed.toReversed()
}

/** Of the peers: as far from each other as they can be without the blue, which is the subject's. */
export const hues = [0, 28, 50, 95, 135, 172, 270, 300, 335]

function shades(saturation: number, lightness: number): string {
  return hues.map((hue, index) => `.c${index}{color:hsl(${hue},${saturation}%,${lightness}%)}`).join('')
}

/** Dark colours on a light page, light ones on a dark page. */
const style = `<style>
text{font:12px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;fill:currentColor}
.title{font-size:15px;font-weight:600;color:#1f2328}.tick{color:#59636e}.grid{stroke:#59636e;stroke-opacity:.2}
.curve{fill:none;stroke:currentColor;stroke-width:1.6}.tie{fill:none;stroke:currentColor;stroke-opacity:.5}circle{fill:currentColor}
${shades(70, 36)}
.subject{color:#0550ae}.subject .curve{stroke-width:3.5}.subject .label{font-weight:700;font-size:14px}
.floor{color:#6e7781}.floor .curve{stroke-dasharray:5 4}
@media (prefers-color-scheme:dark){.title{color:#f0f6fc}.tick{color:#9198a1}.grid{stroke:#9198a1}
${shades(65, 68)}
.subject{color:#58a6ff}.floor{color:#9198a1}}
</style>`

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
