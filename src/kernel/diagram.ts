import type { Process, Title } from './process.ts'

type Language = keyof Title

/** Text as it stands in SVG. */
export const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** A process as Mermaid `stateDiagram-v2`. Pure. */
export const mermaid = (process: Process, language: Language): string => {
  const states = Object.entries(process.steps).map(([step, { title }]) => `  ${step} : ${title[language]}`)
  const edges = process.edges.map(edge => {
    const early = edge.to === process.remembers && edge.reasons ? (language === 'en' ? 'ending' : '结束') : ''
    const label = edge.back ? (language === 'en' ? 'withdrawn' : '撤回') : early
    return `  ${edge.from} --> ${edge.to}${label ? ` : ${label}` : ''}`
  })
  const ends = process.final.map(step => `  ${step} --> [*]`)
  return ['stateDiagram-v2', ...states, `  [*] --> ${process.initial}`, ...edges, ...ends, ''].join('\n')
}

const box = { width: 176, height: 64, gap: 42, top: 96, left: 24 }

const centre = (index: number) => box.left + index * (box.width + box.gap) + box.width / 2

/** One arrow between boxes: straight to the next, an arc otherwise; arcs forward run above, backward below. */
const arrow = (from: number, to: number, dashed: boolean): string => {
  const style = `fill="none" stroke="currentColor" stroke-opacity="${dashed ? 0.45 : 0.8}" stroke-width="1.5" marker-end="url(#tip)"${dashed ? ' stroke-dasharray="5 4"' : ''}`
  const middle = box.top + box.height / 2
  if (to === from + 1 && !dashed)
    return `<path d="M${centre(from) + box.width / 2} ${middle} H${centre(to) - box.width / 2 - 3}" ${style}/>`
  const span = Math.abs(to - from)
  const forward = to > from
  const [start, end] = [centre(from) + (forward ? 22 : -22), centre(to) + (forward ? -22 : 22)]
  const edge = forward ? box.top : box.top + box.height
  const bow = (forward ? -1 : 1) * (18 + span * 13)
  return `<path d="M${start} ${edge} C${start} ${edge + bow} ${end} ${edge + bow} ${end} ${edge + (forward ? -3 : 3)}" ${style}/>`
}

/** A process as a self-contained SVG: the steps in a row, early endings above, ways back below (dashed). Pure. */
export const svg = (process: Process, language: Language): string => {
  const steps = Object.entries(process.steps)
  const order = steps.map(([step]) => step)
  const width = box.left * 2 + steps.length * box.width + (steps.length - 1) * box.gap
  const height = box.top * 2 + box.height
  const boxes = steps.map(([, { title, note }], index) => {
    const x = centre(index) - box.width / 2
    return `<g><rect x="${x}" y="${box.top}" width="${box.width}" height="${box.height}" rx="10" fill="currentColor" fill-opacity="0.06" stroke="currentColor" stroke-opacity="0.7"/>
<text x="${centre(index)}" y="${box.top + 28}" text-anchor="middle" font-size="16" font-weight="600" fill="currentColor">${escaped(title[language])}</text>
<text x="${centre(index)}" y="${box.top + 48}" text-anchor="middle" font-size="${language === 'en' ? 9.5 : 11}" fill="currentColor" fill-opacity="0.75">${escaped(note?.[language] ?? '')}</text></g>`
  })
  const arrows = process.edges.map(edge => arrow(order.indexOf(edge.from), order.indexOf(edge.to), edge.back === true))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="t d" font-family="system-ui, 'Noto Sans CJK SC', sans-serif" color="#334155">
<title id="t">${escaped(process.title[language])}</title><desc id="d">${escaped(order.join(' → '))}</desc>
<style>@media (prefers-color-scheme: dark) { svg { color: #cbd5e1 } }</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="currentColor"/></marker></defs>
${[...arrows, ...boxes].join('\n')}
</svg>
`
}
