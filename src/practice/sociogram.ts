import { escaped } from '../kernel/diagram.ts'

/** How much one member turned to another at a session: −2 rejects … +2 seeks. */
export interface Interaction {
  readonly fromId: string
  readonly toId: string
  readonly rating: number
}

/** One member's standing toward another over all sessions. */
export interface Tie {
  readonly fromId: string
  readonly toId: string
  /** Mean of the ratings, two decimals. */
  readonly rating: number
  /** Above 0 a choice, below a rejection. */
  readonly kind: 'choice' | 'neutral' | 'rejection'
  /** The other chooses too. */
  readonly mutual: boolean
}

export interface Placed {
  readonly memberId: string
  readonly chosenBy: number
  readonly chooses: number
  readonly rejectedBy: number
  /** Chooses nobody and is chosen by nobody. */
  readonly isolate: boolean
  /** Place in the drawing, −1…1: the more chosen, the nearer to the middle. */
  readonly x: number
  readonly y: number
}

/** Sociogram 社会关系图: who chooses whom. */
export interface Sociogram {
  readonly members: readonly Placed[]
  readonly ties: readonly Tie[]
  readonly isolates: readonly string[]
  /** Pairs that choose each other, each once. */
  readonly mutualPairs: readonly (readonly [string, string])[]
}

const rounded = (value: number) => Math.round(value * 100) / 100

const kindOf = (rating: number): Tie['kind'] => (rating > 0 ? 'choice' : rating < 0 ? 'rejection' : 'neutral')

const meansOf = (interactions: readonly Interaction[]) => {
  const sums = new Map<string, { fromId: string; toId: string; sum: number; count: number }>()
  for (const { fromId, toId, rating } of interactions) {
    const key = JSON.stringify([fromId, toId])
    const { sum, count } = sums.get(key) ?? { sum: 0, count: 0 }
    sums.set(key, { fromId, toId, sum: sum + rating, count: count + 1 })
  }
  return [...sums.values()].map(({ fromId, toId, sum, count }) => ({ fromId, toId, rating: rounded(sum / count) }))
}

const tiesOf = (interactions: readonly Interaction[], memberIds: readonly string[]): Tie[] => {
  const place = (id: string) => memberIds.indexOf(id)
  const means = meansOf(interactions)
    .filter(({ fromId, toId }) => place(fromId) >= 0 && place(toId) >= 0 && fromId !== toId)
    .sort((a, b) => place(a.fromId) - place(b.fromId) || place(a.toId) - place(b.toId))
  const chooses = (fromId: string, toId: string) =>
    means.some(each => each.fromId === fromId && each.toId === toId && each.rating > 0)
  return means.map(each => ({
    ...each,
    kind: kindOf(each.rating),
    mutual: each.rating > 0 && chooses(each.toId, each.fromId),
  }))
}

/** Distance from the middle: 1 for whom nobody chooses, least for whom most do. */
const distance = (chosenBy: number, most: number) => (most === 0 ? 1 : 1 - 0.75 * (chosenBy / most))

/**
 * The sociogram of members from interaction ratings of any number of sessions; the same ratings give the same drawing,
 * in whatever order they come. Ratings of anybody else are left out. Pure. Source: domain §3 社会关系图.
 */
export const sociogramOf = (memberIds: readonly string[], interactions: readonly Interaction[]): Sociogram => {
  const ties = tiesOf(interactions, memberIds)
  const count = (kind: Tie['kind'], end: 'fromId' | 'toId', id: string) =>
    ties.filter(each => each.kind === kind && each[end] === id).length
  const most = Math.max(0, ...memberIds.map(id => count('choice', 'toId', id)))
  const members = memberIds.map((memberId, index) => {
    const [chosenBy, chooses] = [count('choice', 'toId', memberId), count('choice', 'fromId', memberId)]
    const angle = (2 * Math.PI * index) / memberIds.length - Math.PI / 2
    const far = distance(chosenBy, most)
    return {
      memberId,
      chosenBy,
      chooses,
      rejectedBy: count('rejection', 'toId', memberId),
      isolate: chosenBy === 0 && chooses === 0,
      x: rounded(Math.cos(angle) * far),
      y: rounded(Math.sin(angle) * far),
    }
  })
  return {
    members,
    ties,
    isolates: members.filter(each => each.isolate).map(each => each.memberId),
    mutualPairs: ties
      .filter(each => each.mutual && memberIds.indexOf(each.fromId) < memberIds.indexOf(each.toId))
      .map(({ fromId, toId }) => [fromId, toId] as const),
  }
}

const canvas = { size: 640, reach: 250, node: 20 }

const at = (value: number) => canvas.size / 2 + value * canvas.reach

/** An arrow between two members, from rim to rim. */
const arrow = (tie: Tie, from: Placed, to: Placed): string => {
  const [x1, y1, x2, y2] = [at(from.x), at(from.y), at(to.x), at(to.y)]
  const length = Math.hypot(x2 - x1, y2 - y1) || 1
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length]
  const [begin, end] = [canvas.node + 1, canvas.node + 5]
  const [colour, dash] = tie.kind === 'rejection' ? ['#b91c1c', ' stroke-dasharray="5 4"'] : ['currentColor', '']
  const width = tie.mutual ? 2.5 : 1.25
  return `<line x1="${rounded(x1 + ux * begin)}" y1="${rounded(y1 + uy * begin)}" x2="${rounded(x2 - ux * end)}" y2="${rounded(y2 - uy * end)}" stroke="${colour}" stroke-opacity="0.7" stroke-width="${width}" marker-end="url(#tip)"${dash}/>`
}

const node = (member: Placed, label: string): string => {
  const [x, y] = [rounded(at(member.x)), rounded(at(member.y))]
  const rim = member.isolate ? ' stroke-dasharray="3 3"' : ''
  return `<g><circle cx="${x}" cy="${y}" r="${canvas.node}" fill="currentColor" fill-opacity="0.08" stroke="currentColor"${rim}/>
<text x="${x}" y="${rounded(y + 4)}" text-anchor="middle" font-size="12" fill="currentColor">${escaped(label)}</text></g>`
}

/** A sociogram as a self-contained SVG: thick = mutual, dashed red = rejection, dashed rim = isolate. Pure. */
export const sociogramSvg = (sociogram: Sociogram, labelOf: (memberId: string) => string): string => {
  const placed = new Map(sociogram.members.map(each => [each.memberId, each]))
  const arrows = sociogram.ties
    .filter(each => each.kind !== 'neutral')
    .map(each => arrow(each, placed.get(each.fromId) as Placed, placed.get(each.toId) as Placed))
  const nodes = sociogram.members.map(each => node(each, labelOf(each.memberId)))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${canvas.size} ${canvas.size}" role="img" aria-labelledby="t" font-family="system-ui, 'Noto Sans CJK SC', sans-serif" color="#334155">
<title id="t">社会关系图 Sociogram</title>
<style>@media (prefers-color-scheme: dark) { svg { color: #cbd5e1 } }</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="currentColor"/></marker></defs>
${[...arrows, ...nodes].join('\n')}
</svg>
`
}
