/** What huggingface_hub asks of the URL that it was given for a task or a model: `{url}/health` and `{url}/info`. */
import { ServiceError } from '../../errors.ts'
import type { Manifest } from '../../model/package.ts'
import { type AppContext, afterPrefix, callOf } from '../http.ts'
import { resolveModel, resolveTask } from '../inference.ts'
import type { Ports } from '../ports.ts'
import type { Route } from './family.ts'
import { describeEndpoint, describeHealth, endpointSchema, healthSchema } from './models.ts'

/**
 * @param taskPaths what tasks' names follow
 * @param modelPaths what models' ids follow
 */
export function endpointRoutes(ports: Ports, taskPaths: readonly string[], modelPaths: readonly string[]): Route[] {
  const ofTask = async (c: AppContext, answer: string) => {
    const task = resolveTask(c.req.param('task') ?? '')
    return describe(answer, await resolveModel(callOf(c, ports), undefined, task.role), task.name)
  }
  const ofModel = async (c: AppContext) => {
    const [, name, answer] = /^(.+)\/(health|info)$/.exec(afterPrefix(c, /^.*?\/models\//)) ?? []
    if (!name || !answer) throw new ServiceError('not-found', `no route for GET ${c.req.path}`)
    const model = await resolveModel(callOf(c, ports), name, 'multitask')
    return describe(answer, model, model.default_task)
  }
  const describe = (answer: string, model: Manifest, task?: string) =>
    answer === 'health' ? describeHealth(ports) : describeEndpoint(ports, model, task)
  const operationsOf = (paths: readonly string[], placeholders: Record<string, string>) =>
    paths.flatMap((path) => [
      {
        path: `${path}/health`,
        placeholders,
        summary: 'As /health; 404 where there is no such task or model.',
        answer: healthSchema,
      },
      { path: `${path}/info`, placeholders, summary: 'As /info, of this task or model.', answer: endpointSchema },
    ])
  return [
    {
      method: 'get',
      paths: taskPaths.map((path) => `${path}/:task/:answer{health|info}`),
      handle: (c) => ofTask(c, c.req.param('answer') ?? ''),
      operations: operationsOf(
        taskPaths.map((path) => `${path}/{task}`),
        { task: 'sentiment' },
      ),
    },
    {
      method: 'get',
      paths: modelPaths.map((path) => `${path}/*`),
      handle: ofModel,
      operations: operationsOf(
        modelPaths.map((path) => `${path}/{model}`),
        { model: 'multitask-minilm' },
      ),
    },
  ]
}
