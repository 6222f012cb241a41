import type { Repository } from './repository.ts'

export interface CheckRun {
  id: number
  repository: Repository
  appId: number
  name: string
  headSha: string
  externalId: string | null
  detailsUrl: string | null
  status: string
  conclusion: string | null
  startedAt: string | null
  completedAt: string | null
  output: { title: string | null; summary: string | null; text: string | null }
}
