// Where reviewers read the repository: in a mirror where there is one, else from GitHub file by file. For the entries only.
import { resolve } from 'node:path'
import type { Library } from './agent/tools/tool.ts'
import { createMaskedCodebase } from './checks/mask-secrets.ts'
import { loadEnvironment, type ReadyConfig } from './config.ts'
import type { GitHub } from './github/client.ts'
import { createFetchToken } from './github/code/fetch-token.ts'
import { noInstallation } from './github/public/public-github.ts'
import type { Codebase } from './jobs/code/codebase.ts'
import type { Log } from './jobs/ports.ts'
import { gitEnvironment } from './outbound-proxy.ts'
import { createGit } from './repo/git.ts'
import { createMirrors } from './repo/mirror.ts'
import { createSymbolReader } from './repo/symbols.ts'
import { writeTrustedCertificates } from './repo/trusted-certificates.ts'
import type { Change } from './review/pull-request.ts'

export interface LibrariesOptions {
  config: ReadyConfig
  github: GitHub
  log: Log
}

export interface Libraries {
  /** `asked` stands in where there is no mirror. Rejects with the signal's reason only. */
  open(change: Change, asked: Codebase, signal: AbortSignal): Promise<Omit<Library, 'files'>>
  close(): Promise<void>
}

export function createLibraries({ config, github, log }: LibrariesOptions): Libraries {
  // Git's working folder is another one than ours.
  const folder = resolve(config.dataDir, 'mirrors')
  const git = createGit(gitEnvironment(loadEnvironment()))
  const certificateFile = writeTrustedCertificates(folder)
  const mirrors = createMirrors({ git, folder, maxBytes: config.worker.mirrorMaxBytes, certificateFile, log })
  const fetchToken = createFetchToken(github)
  const symbols = createSymbolReader()
  return {
    async open({ ref, state }, asked, signal) {
      const { installationId, owner, repo, repositoryId } = ref
      const isInstalled = installationId !== noInstallation
      const server = isInstalled ? config.gitServerUrl : config.githubServerUrl
      const token = (): Promise<string | undefined> =>
        isInstalled ? fetchToken(installationId, repositoryId, signal) : Promise.resolve(config.githubToken)
      const url = `${server}/${encodeURIComponent(owner)}/${encodeURIComponent(repo)}.git`
      const source = { repositoryId, url, base: state.baseSha, head: state.headSha, token }
      const mirror = server === undefined ? undefined : await mirrors.open(source, signal)
      return { codebase: createMaskedCodebase(mirror ?? asked), symbols }
    },
    close: () => symbols.close(),
  }
}
