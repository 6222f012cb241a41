// Tells on standard error which steps run, so that nobody takes waiting for hanging. Standard output stays for the result.
import { styleText } from 'node:util'
import type { Journal, StepResult } from '../jobs/ports.ts'

export type Say = (line: string) => void

/** With the time since it was made; `styleText` minds NO_COLOR and what is no terminal. */
export function createSay(stream: NodeJS.WriteStream = process.stderr): Say {
  const startedAt = performance.now()
  return (line) => {
    const at = `${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s`
    stream.write(`${styleText('dim', at, { stream })}  ${line}\n`)
  }
}

export function labelled(say: Say, label: string): Say {
  return (line) => say(`${label}  ${line}`)
}

/** Says when a step starts and ends, and what was not run again. */
export function createWatchedJournal(journal: Journal, say: Say): Journal {
  return {
    async step<T>(key: string, input: unknown, run: () => Promise<StepResult<T>>) {
      const name = nameOf(key)
      let ran = false
      const output = await journal.step(key, input, async () => {
        ran = true
        say(`${name} …`)
        return timed(name, run, say)
      })
      if (!ran) say(`${name}: from the journal`)
      return output
    },
  }
}

async function timed<T>(name: string, run: () => Promise<StepResult<T>>, say: Say): Promise<StepResult<T>> {
  const startedAt = performance.now()
  const took = (): string => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`
  try {
    const result = await run()
    const { tokens } = result
    const count = tokens ? `, ${tokens.input} tokens in, ${tokens.output} out` : ''
    say(`${name}: ${took()}${count}`)
    return result
  } catch (error) {
    say(`${name}: failed after ${took()}`)
    throw error
  }
}

/** Without the commit: `model:review:<sha>` is `model:review`. */
function nameOf(key: string): string {
  return key.replace(/:[0-9a-f]{40,64}(?=:|$)/g, '')
}
