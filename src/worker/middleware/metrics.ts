/** Prometheus counters under text-embeddings-inference's names. Each isolate counts for itself: there are many. */
import type { MiddlewareHandler } from 'hono'
import type { Usage } from '../../usage.ts'
import type { AppEnv } from '../http.ts'

const DURATIONS = ['', 'tokenization_', 'queue_', 'inference_'] as const

/** Requests, and inputs by what they went to. */
const UNITS = ['request', 'embed', 'predict'] as const

class Metrics {
  readonly #counts = new Map<string, number>()
  #running = 0

  readonly middleware: MiddlewareHandler<AppEnv> = async (c, next) => {
    if (c.req.method !== 'POST') return next()
    this.#running++
    await next()
    this.#running--
    this.#record(c.get('usage'), c.res.status)
  }

  /** The text exposition format; every series is there from the start. */
  render(): string {
    const lines = ['# Counted by one isolate since it began; other isolates have counts of their own.']
    const counter = (name: string) => lines.push(`# TYPE ${name} counter`, ...this.#series(name))
    const summary = (name: string) =>
      lines.push(`# TYPE ${name} summary`, ...this.#series(`${name}_sum`), ...this.#series(`${name}_count`))
    for (const unit of UNITS) {
      counter(`te_${unit}_count`)
      counter(`te_${unit}_success`)
      for (const part of DURATIONS) summary(`te_${unit}_${part}duration`)
    }
    counter('te_request_failure')
    for (const name of ['te_request_input_length', 'te_batch_next_size', 'te_batch_next_tokens']) summary(name)
    lines.push('# TYPE te_queue_size gauge', `te_queue_size ${this.#running}`)
    return `${lines.join('\n')}\n`
  }

  #series(name: string): string[] {
    const found = [...this.#counts].filter(([key]) => key === name || key.startsWith(`${name}{`))
    return found.length === 0 ? [`${name} 0`] : found.map(([key, value]) => `${key} ${value}`)
  }

  #record(usage: Usage, status: number): void {
    const method = `{method="${usage.inputs > 1 ? 'batch' : 'single'}"}`
    const ran = `te_${usage.kind}`
    this.#add(`te_request_count${method}`, 1)
    this.#add(`${ran}_count`, usage.inputs)
    if (status >= 400) {
      this.#add(`te_request_failure{err="${status}"}`, 1)
      return
    }
    this.#add(`te_request_success${method}`, 1)
    this.#add(`${ran}_success`, usage.inputs)
    const { tokenize, bytes, session, encode, head } = usage.milliseconds
    const milliseconds = [performance.now() - usage.started, tokenize, bytes + session, encode + head]
    DURATIONS.forEach((part, i) => {
      for (const unit of usage.inputs > 0 ? ['te_request', ran] : ['te_request'])
        this.#observe(`${unit}_${part}duration`, (milliseconds[i] as number) / 1000)
    })
    this.#observe('te_request_input_length', usage.tokens)
    // The encoder reads one text at a time.
    this.#observe('te_batch_next_size', usage.passes, usage.passes)
    this.#observe('te_batch_next_tokens', usage.tokens, usage.passes)
  }

  #observe(name: string, sum: number, count = 1): void {
    this.#add(`${name}_sum`, sum)
    this.#add(`${name}_count`, count)
  }

  #add(key: string, amount: number): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + amount)
  }
}

/** One for the isolate, as module state is. */
export const metrics = new Metrics()
