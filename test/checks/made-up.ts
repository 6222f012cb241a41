// Made-up secrets, put together at run time so that no scanner takes this repository for a leak; and files to check.
import type { CheckedFile } from '../../src/checks/analyzer.ts'

const random = 'q7Zk29sLx0VpW3vN8cYtB4mR6hJdE1gUfA5i'

export const gitHubToken = `gh${'p'}_${random}`
export const awsKey = `AK${'IA'}2E0A8F3B244C9986`
export const privateKeyBody = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7q7Zk29sLx0Vp'
const dashes = '-----'
export const privateKeyLines = [
  `${dashes}BEGIN PRIVATE KEY${dashes}`,
  privateKeyBody,
  'W3vN8cYt==',
  `${dashes}END PRIVATE KEY${dashes}`,
]
export const randomValue = random.slice(0, 24)

/** A file of which every line was added. */
export function wholeFile(path: string, text: string): CheckedFile {
  const added = text.split('\n').map((line, index) => ({ line: index + 1, text: line }))
  return { path, owner: 'Codertocat', added, removed: [], head: text }
}

/** `line title` of each. */
export function told(findings: readonly { line: number; title: string }[]): string[] {
  return findings.map(({ line, title }) => `${line} ${title}`)
}
