// A bare git repository on disk, written with `git fast-import`: one process per commit, whatever its size.
import { spawn } from 'node:child_process'

/** Text or bytes of a regular file, another kind of entry, or `null`: the file goes. */
export type FileContent = string | Buffer | FileEntry | null

export interface FileEntry {
  /** `100755` executable, `120000` symbolic link, `160000` submodule (`content` is the commit it points to). */
  mode: '100644' | '100755' | '120000' | '160000'
  content: string
}

export type Files = Record<string, FileContent>

export interface NewCommit {
  /** The branch that is moved, by force if need be. */
  branch: string
  /** Without one the commit starts a history. */
  parent?: string
  message: string
  files: Files
}

/** Nothing of the machine's own git configuration, no prompt. */
const environment = {
  PATH: process.env['PATH'],
  LANG: 'C.UTF-8',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
}

/** Standard output. Rejects with git's own words. */
export function git(directory: string, args: readonly string[], input?: Buffer): Promise<Buffer> {
  const { promise, reject, resolve } = Promise.withResolvers<Buffer>()
  const child = spawn('git', ['-C', directory, ...args], { env: environment, stdio: 'pipe' })
  const output: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  // git may end before it has read everything; its exit code says why.
  child.stdin.on('error', () => {})
  child.on('error', reject)
  child.on('close', (code) => {
    if (code === 0) return resolve(Buffer.concat(output))
    reject(new Error(`git ${args[0]} ended with ${String(code)}: ${Buffer.concat(errors).toString().trim()}`))
  })
  child.stdin.end(input)
  return promise
}

export async function initRepository(directory: string): Promise<void> {
  await git('.', ['init', '--quiet', '--bare', '--initial-branch=main', directory])
  // GitHub serves any commit that it knows, also one that no branch holds any more.
  await git(directory, ['config', 'uploadpack.allowAnySHA1InWant', 'true'])
  await git(directory, ['config', 'uploadpack.allowFilter', 'true'])
}

/** Its full id. */
export async function createCommit(directory: string, commit: NewCommit): Promise<string> {
  const output = await git(directory, ['fast-import', '--quiet', '--force', '--done'], streamOf(commit))
  return output.toString().trim()
}

/** The stream's format: https://git-scm.com/docs/git-fast-import#_input_format */
function streamOf(commit: NewCommit): Buffer {
  const { branch, files, message, parent } = commit
  const now = Math.floor(Date.now() / 1000)
  const parts = [
    Buffer.from(`commit refs/heads/${branch}\nmark :1\ncommitter Codertocat <codertocat@github.test> ${now} +0000\n`),
    block(Buffer.from(message)),
    // `^0`: the commit itself, whatever the branch points to by now.
    Buffer.from(parent === undefined ? '' : `from ${parent}^0\n`),
    ...Object.entries(files).map(([path, content]) => changeOf(path, content)),
    Buffer.from('get-mark :1\ndone\n'),
  ]
  return Buffer.concat(parts)
}

function changeOf(path: string, content: FileContent): Buffer {
  const quoted = `"${path.replaceAll(/["\\\n]/g, (one) => (one === '\n' ? '\\n' : `\\${one}`))}"`
  if (content === null) return Buffer.from(`D ${quoted}\n`)
  if (typeof content === 'string' || Buffer.isBuffer(content))
    return Buffer.concat([Buffer.from(`M 100644 inline ${quoted}\n`), block(Buffer.from(content))])
  const { content: text, mode } = content
  if (mode === '160000') return Buffer.from(`M ${mode} ${text} ${quoted}\n`)
  return Buffer.concat([Buffer.from(`M ${mode} inline ${quoted}\n`), block(Buffer.from(text))])
}

function block(data: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`data ${data.length}\n`), data, Buffer.from('\n')])
}
