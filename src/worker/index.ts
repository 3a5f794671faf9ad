/** The Worker's entry: bindings → ports → app. Nothing is loaded or parsed before the first request. */
import { createApp } from './app.ts'
import { withEvents } from './events.ts'
import { portsOf } from './isolate.ts'

export { EdgeBert } from './rpc.ts'

let app: ReturnType<typeof createApp> | undefined

export default {
  fetch(request, env, context) {
    app ??= createApp(portsOf(env))
    const { fetch } = app
    return withEvents(request, context, (progress) => fetch(request, { progress }, context))
  },
} satisfies ExportedHandler<Env>
