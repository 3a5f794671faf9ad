/** What one isolate has once, for HTTP and RPC alike: one pool of sessions, one budget, one bound on work. */
import { createPorts } from './bindings.ts'
import type { Ports } from './ports.ts'

let ports: Ports | undefined

export function portsOf(env: Env): Ports {
  ports ??= createPorts(env)
  return ports
}
