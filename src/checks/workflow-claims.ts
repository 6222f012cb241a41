// What is said about dangerous workflow files.
import type { Claim } from './analyzer.ts'

export const workflowClaims = {
  headCheckout: {
    severity: 'critical',
    title: 'Code of a pull request is checked out where the workflow has the rights of the base repository',
    body:
      'The trigger runs with the secrets and the token of the base repository, and the checkout brings in what anybody may ' +
      'propose: building or testing it runs it with those rights. Use `pull_request`, or do not check out the head here.',
  },
  injection: {
    severity: 'high',
    title: 'Text that anybody can write becomes part of a script',
    body:
      'The expression is replaced before the shell reads the script, so a title or a branch name with `$(…)` in it is run. ' +
      'Put the value into an environment variable with `env:` and read that in the script, within quotes.',
  },
  unpinned: {
    severity: 'low',
    title: 'A new third-party action is not pinned to a commit',
    body:
      'Whoever can move this tag or branch decides what runs here from then on, with the secrets of this workflow. ' +
      'Name the full commit id, with the version in a comment beside it.',
  },
  allRights: {
    severity: 'medium',
    title: 'The workflow’s token may write everything',
    body: 'Any step, and any action it uses, can then change code, releases and packages. List only the permissions that are needed.',
  },
  inheritedSecrets: {
    severity: 'high',
    title: 'All secrets are handed to a workflow of somebody else',
    body: '`secrets: inherit` gives the called workflow every secret that this one can read. Pass the ones it needs by name.',
  },
} as const satisfies Record<string, Claim>
