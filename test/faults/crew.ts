// The workers of a campaign: as many as there should be, whatever happens to them.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Plumbline } from '../support/plumbline.ts'
import type { PlumblineProcess } from '../support/processes.ts'
import type { Random } from './random.ts'

export class Crew {
  readonly #plumbline: Plumbline
  readonly #env: Record<string, string>
  readonly #random: Random
  #members: PlumblineProcess[] = []
  readonly #all: PlumblineProcess[] = []
  /** Workers that went without being killed: nothing that is done to a campaign may end one. */
  gone = 0

  private constructor(plumbline: Plumbline, random: Random, env: Record<string, string>) {
    this.#plumbline = plumbline
    this.#random = random
    this.#env = env
  }

  static async start(plumbline: Plumbline, random: Random, env: Record<string, string>): Promise<Crew> {
    const crew = new Crew(plumbline, random, env)
    await Promise.all([crew.#hire(), crew.#hire(), crew.#hire()])
    return crew
  }

  async #hire(): Promise<void> {
    const worker = await this.#plumbline.worker(this.#env)
    this.#members.push(worker)
    this.#all.push(worker)
    void worker.ended.then(() => {
      if (this.#members.includes(worker)) this.gone++
    })
  }

  /** `kill -9` for one of them; another one starts in its place. */
  async killOne(): Promise<void> {
    await this.#dismissOne().kill9()
    await this.#hire()
  }

  /** As at a deployment: SIGTERM for one of them, and another one starts when it is gone. Answers the exit code. */
  async replaceOne(): Promise<number | null> {
    const code = await this.#dismissOne().stop()
    await this.#hire()
    return code
  }

  #dismissOne(): PlumblineProcess {
    const victim = this.#random.pick(this.#members)
    this.#members = this.#members.filter((one) => one !== victim)
    return victim
  }

  /** SIGSTOP, and SIGCONT after `ms`. */
  async pauseOne(ms: number): Promise<void> {
    const victim = this.#random.pick(this.#members)
    victim.pause()
    await sleep(ms)
    victim.resume()
  }

  /** How often one of them stood still, see `stall.ts`. */
  get stalls(): number {
    return this.#all.flatMap((one) => one.lines.filter((line) => line === '{"msg":"stalled"}')).length
  }

  /** Nobody is killed any more, and whoever goes now is not counted. */
  dismiss(): void {
    this.#members = []
  }
}
