/** Texts as points of a plane, near where their vectors are near. Hover or focus tells a point's text and neighbour. */
import { h, svg } from '../dom.ts'
import { percent, shorten } from '../format.ts'
import { project } from '../pca.ts'

export interface MapPoint {
  readonly text: string
  /** A colour of the palette; points of one group share it. */
  readonly group: number
}

type Place = { x: number; y: number }

const HEIGHT = 320
const MARGIN = { x: 28, y: 28 }
/** Characters of a label, where the drawing is wide. */
const LABEL = 30
/** About a character of the labels' font, and their line height. */
const GLYPH = { width: 6.2, height: 15 }

/** @param cosines [n][n], of the vectors of the points */
export function map(points: readonly MapPoint[], cosines: readonly (readonly number[])[]): HTMLElement {
  const { points: plane, kept } = project(cosines)
  const told = h('p', { class: 'map-told' }, 'Point at a dot, or reach it with Tab, to read its text.')
  const figure = h('figure', { class: 'map' })
  const tell = (index: number | null) => {
    const point = index === null ? undefined : points[index]
    if (index === null || !point) return
    const near = nearest(cosines[index] ?? [], index)
    const other = near === -1 ? '' : ` Nearest: “${points[near]?.text}” (${cosines[index]?.[near]?.toFixed(2)}).`
    told.replaceChildren(h('b', {}, point.text), other)
    for (const [i, dot] of figure.querySelectorAll('.dot').entries()) {
      dot.classList.toggle('near', i === near)
      dot.classList.toggle('told', i === index)
    }
  }
  let drawn = 0
  const draw = () => {
    const width = Math.round(figure.clientWidth)
    if (width === 0 || width === drawn) return
    drawn = width
    const places = spread(plane, width)
    figure.querySelector('svg')?.remove()
    figure.prepend(
      svg(
        'svg',
        { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: 'group', 'aria-label': 'Map of the texts' },
        ...dots(points, places, width, tell),
      ),
    )
  }
  new ResizeObserver(draw).observe(figure)
  figure.append(
    h('figcaption', {}, told, h('p', {}, `The two axes keep ${percent(kept)} of what tells the vectors apart (PCA).`)),
    asTable(points, plane),
  )
  return figure
}

function dots(points: readonly MapPoint[], places: readonly Place[], width: number, tell: (index: number) => void) {
  const labels = placeLabels(points, places, width)
  return points.map(({ text, group }, i) => {
    const { x, y } = places[i] as Place
    const label = labels[i]
    return svg(
      'g',
      {
        class: `dot group-${group % 6}`,
        tabindex: 0,
        role: 'img',
        'aria-label': text,
        onpointerenter: () => tell(i),
        onfocus: () => tell(i),
      },
      svg('circle', { cx: x, cy: y, r: 16, class: 'reach' }),
      svg('circle', { cx: x, cy: y, r: 6 }),
      label
        ? svg('text', { x: label.at, y: label.y + GLYPH.height - 4, 'text-anchor': label.anchor }, label.text)
        : null,
    )
  })
}

/** Fits the plane into the drawing, with one scale for both axes. */
function spread(plane: readonly (readonly [number, number])[], width: number): Place[] {
  const xs = plane.map(([x]) => x)
  const ys = plane.map(([, y]) => y)
  const middle = (values: number[]) => (Math.min(...values) + Math.max(...values)) / 2
  const range = (values: number[]) => Math.max(...values) - Math.min(...values) || 1e-9
  const scale = Math.min((width - 2 * MARGIN.x) / range(xs), (HEIGHT - 2 * MARGIN.y) / range(ys))
  // Equal texts have no spread at all; they stay in the middle.
  const used = Number.isFinite(scale) && scale < 1e6 ? scale : 0
  return plane.map(([x, y]) => ({
    x: width / 2 + (x - middle(xs)) * used,
    y: HEIGHT / 2 - (y - middle(ys)) * used,
  }))
}

interface Box extends Place {
  width: number
}

/** Each label right, left, below or above its dot: where it covers nothing that is there already, or nowhere. */
function placeLabels(points: readonly MapPoint[], places: readonly Place[], width: number) {
  const taken: Box[] = places.map(({ x, y }) => ({ x: x - 8, y: y - GLYPH.height / 2, width: 16 }))
  return points.map(({ text }, i) => {
    const short = shorten(text, width < 480 ? LABEL / 2 : LABEL)
    const size = short.length * GLYPH.width
    const { x, y } = places[i] as Place
    const tries = [
      { at: x + 11, anchor: 'start', x: x + 11, y: y - GLYPH.height / 2, width: size },
      { at: x - 11, anchor: 'end', x: x - 11 - size, y: y - GLYPH.height / 2, width: size },
      { at: x, anchor: 'middle', x: x - size / 2, y: y + 9, width: size },
      { at: x, anchor: 'middle', x: x - size / 2, y: y - 9 - GLYPH.height, width: size },
    ]
    const inside = (box: Box) => box.x > 0 && box.x + box.width < width && box.y > 0 && box.y + GLYPH.height < HEIGHT
    const free = tries.find((box) => inside(box) && !taken.some((other, j) => j !== i && overlap(box, other)))
    if (!free) return null
    taken.push(free)
    return { ...free, text: short }
  })
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && Math.abs(a.y - b.y) < GLYPH.height
}

function nearest(cosines: readonly number[], index: number): number {
  return cosines.reduce((best, value, i) => (i !== index && value > (cosines[best] ?? -2) ? i : best), -1)
}

function asTable(points: readonly MapPoint[], plane: readonly (readonly [number, number])[]): HTMLElement {
  return h(
    'details',
    {},
    h('summary', {}, 'The map as a table'),
    h(
      'table',
      { class: 'plain' },
      h('thead', {}, h('tr', {}, ...['Text', 'x', 'y'].map((name) => h('th', { scope: 'col' }, name)))),
      h(
        'tbody',
        {},
        ...points.map(({ text }, i) =>
          h('tr', {}, h('td', {}, text), ...(plane[i] ?? []).map((value) => h('td', {}, value.toFixed(2)))),
        ),
      ),
    ),
  )
}
