// The stand-in for a model as a process of its own: `node test/support/model/main.ts --port 4011`.
import { parseArgs } from 'node:util'
import { startModel } from './model.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } })
const model = await startModel([], { port: Number(values.port) })
process.stdout.write(`OPENAI_BASE_URL=${model.url}\nOPENAI_API_KEY=none\nOPENAI_MODEL=stand-in\n`)
