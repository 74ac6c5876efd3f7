import type { Route } from './route.ts'

const segments = (path: string) => path.split('/').slice(1)

const fits = (pattern: string, path: string) => {
  const [wanted, given] = [segments(pattern), segments(path)]
  return (
    wanted.length === given.length &&
    wanted.every((part, at) => (part.startsWith(':') ? given[at] !== '' : part === given[at]))
  )
}

/** Addresses that plugins serve. */
const documents = [
  { path: '/docs', method: 'GET' },
  { path: '/openapi.json', method: 'GET' },
]

/** Methods an address knows: what `Allow` says; none = there is no such address. */
export const allowedMethods = (routes: readonly Route[], url: string): string[] => {
  const path = url.split('?')[0] ?? ''
  const found = [...routes, ...documents].filter(route => fits(route.path, path)).map(route => route.method)
  return [...new Set(found.flatMap(method => (method === 'GET' ? ['GET', 'HEAD'] : [method])))].sort()
}
