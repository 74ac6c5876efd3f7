import { once } from 'node:events'
import { createServer } from 'node:net'

/** Fails as listening would, while nothing slow was begun. @throws NodeJS.ErrnoException EADDRINUSE, EACCES … */
export const requirePort = async ({ host, port }: { readonly host: string; readonly port: number }): Promise<void> => {
  const server = createServer().listen(port, host)
  await once(server, 'listening')
  await new Promise(resolve => server.close(resolve))
}
