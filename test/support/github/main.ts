// The stand-in for GitHub as a process of its own: `node test/support/github/main.ts --port 4010 [--hook <address>]`.
// Prints what belongs into Plumbline's environment. With --hook it then delivers the opening of a pull request, signed.
import { parseArgs } from 'node:util'
import { startGitHub } from './github.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, hook: { type: 'string' } } })
const github = await startGitHub({ port: Number(values.port) })
const { app, url } = github
const print = (text: string): boolean => process.stdout.write(`${text}\n`)
print(`GITHUB_API_URL=${url}\nGITHUB_SERVER_URL=${url}\nAPP_ID=${app.id}`)
print(`WEBHOOK_SECRET="${app.webhookSecret}"\nPRIVATE_KEY="${app.privateKey.trim().replaceAll('\n', '\\n')}"`)

// The pull request that test/fixtures/deliveries/ are about, so that `plumbline replay` finds it here.
const hello = { id: 186853002, installationId: 1, defaultBranch: 'master' }
const repository = await github.createRepository(hello)
const files = { 'src/area.ts': 'export const area = (a: number) => a * a\n' }
const pull = await repository.openPullRequest({ number: 2, head: 'changes', base: 'master', files })
print(`# ${url}/${repository.fullName}/pull/${pull.number} is open`)
if (values.hook !== undefined) {
  github.hooks.target = { url: values.hook, secret: app.webhookSecret }
  const { guid, status } = await github.send(pull, 'opened')
  print(`# delivery ${guid} was answered with ${status}`)
}
