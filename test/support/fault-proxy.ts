import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** A TCP proxy before PostgreSQL that can be made to fail. */
export interface FaultProxy {
  /** Connection string by way of the proxy. */
  readonly url: string
  /** Accepts and keeps every connection, but passes nothing on. */
  readonly silence: () => void
  /** Cuts every connection and accepts none that lives. */
  readonly cut: () => void
  /** Passes everything again; connections kept silent stay dead. */
  readonly restore: () => void
}

type State = 'up' | 'silent' | 'down'

/** Stands between a client and the database of `url` until the test ends. */
export const givenFaultProxy = async (t: Test, url: string): Promise<FaultProxy> => {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let state: State = 'up'
  const track = (socket: Socket): Socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    return socket
  }
  const pass = (from: Socket, to: Socket): void => {
    from.on('data', chunk => state === 'up' && to.write(chunk))
    from.once('close', () => to.destroy())
  }
  const server = createServer(client => {
    track(client)
    if (state === 'down') return client.destroy()
    if (state === 'silent') return client.resume()
    const database = track(connect(Number(target.port || 5432), target.hostname))
    pass(client, database)
    pass(database, client)
  })
  const destroyAll = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    destroyAll()
    server.close()
  })
  const through = new URL(url)
  through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: through.href,
    silence: () => {
      state = 'silent'
    },
    cut: () => {
      state = 'down'
      destroyAll()
    },
    restore: () => {
      state = 'up'
    },
  }
}
