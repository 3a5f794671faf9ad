/** Prometheus counters under text-embeddings-inference's names. Each isolate counts for itself: there are many. */
import type { MiddlewareHandler } from 'hono'
import type { Usage } from '../../usage.ts'
import type { AppEnv } from '../http.ts'

const DURATIONS = ['', 'tokenization_', 'queue_', 'inference_'] as const

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
    const counters = ['te_request_count', 'te_request_success', 'te_request_failure']
    for (const name of counters) {
      lines.push(`# TYPE ${name} counter`, ...this.#series(name))
    }
    for (const part of DURATIONS) {
      const name = `te_request_${part}duration`
      lines.push(`# TYPE ${name} summary`, ...this.#series(`${name}_sum`), ...this.#series(`${name}_count`))
    }
    lines.push('# TYPE te_request_input_length summary')
    lines.push(...this.#series('te_request_input_length_sum'), ...this.#series('te_request_input_length_count'))
    lines.push('# TYPE te_queue_size gauge', `te_queue_size ${this.#running}`)
    return `${lines.join('\n')}\n`
  }

  #series(name: string): string[] {
    const found = [...this.#counts].filter(([key]) => key === name || key.startsWith(`${name}{`))
    return found.length === 0 ? [`${name} 0`] : found.map(([key, value]) => `${key} ${value}`)
  }

  #record(usage: Usage, status: number): void {
    const method = `{method="${usage.inputs > 1 ? 'batch' : 'single'}"}`
    this.#add(`te_request_count${method}`, 1)
    if (status >= 400) {
      this.#add(`te_request_failure{err="${status}"}`, 1)
      return
    }
    this.#add(`te_request_success${method}`, 1)
    const { tokenize, bytes, session, encode, head } = usage.milliseconds
    const seconds = [performance.now() - usage.started, tokenize, bytes + session, encode + head]
    DURATIONS.forEach((part, i) => {
      this.#add(`te_request_${part}duration_sum`, (seconds[i] as number) / 1000)
      this.#add(`te_request_${part}duration_count`, 1)
    })
    this.#add('te_request_input_length_sum', usage.tokens)
    this.#add('te_request_input_length_count', 1)
  }

  #add(key: string, amount: number): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + amount)
  }
}

/** One for the isolate, as module state is. */
export const metrics = new Metrics()
