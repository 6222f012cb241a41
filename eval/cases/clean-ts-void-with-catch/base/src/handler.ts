import type { Statistics } from './statistics.ts'

export interface Reply {
  status: number
  body: string
}

export async function handle(path: string, render: (path: string) => Promise<string>, statistics: Statistics): Promise<Reply> {
  const body = await render(path)
  await statistics.write({ path, bytes: body.length })
  return { status: 200, body }
}
