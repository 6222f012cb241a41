// The workers of a campaign: as many as there should be, whatever happens to them.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Plumbline } from '../../support/plumbline.ts'
import type { PlumblineProcess } from '../../support/processes.ts'
import type { Random } from './random.ts'

export interface CrewOptions {
  plumbline: Plumbline
  random: Random
  /** Of the next worker. */
  env(): Record<string, string>
  size: number
}

export class Crew {
  readonly #options: CrewOptions
  #members: PlumblineProcess[] = []
  readonly #all: PlumblineProcess[] = []
  #hiring: Promise<void> = Promise.resolve()
  /** Workers that ended by themselves, as none should, and were not replaced. */
  gone = 0
  /** Workers that killed themselves at a fail point, and were replaced. */
  died = 0

  private constructor(options: CrewOptions) {
    this.#options = options
  }

  static async start(options: CrewOptions): Promise<Crew> {
    const crew = new Crew(options)
    await Promise.all(Array.from({ length: options.size }, () => crew.#hire()))
    return crew
  }

  async #hire(): Promise<void> {
    const { env, plumbline } = this.#options
    const worker = await plumbline.worker(env())
    this.#members.push(worker)
    this.#all.push(worker)
    void worker.ended.then((code) => {
      if (!this.#members.includes(worker)) return
      this.#members = this.#members.filter((one) => one !== worker)
      if (code !== null) this.gone++
      else this.#replaceDead()
    })
  }

  #replaceDead(): void {
    this.died++
    // One after the other: each start takes the machine's whole attention.
    this.#hiring = this.#hiring.then(() => this.#hire())
    this.#hiring.catch(() => this.gone++)
  }

  /** `kill -9` for one of them; another one starts in its place. */
  async killOne(): Promise<void> {
    await (await this.#dismissOne()).kill9()
    await this.#hire()
  }

  /** As at a deployment: SIGTERM for one of them, and another one starts when it is gone. Answers the exit code. */
  async replaceOne(): Promise<number | null> {
    const code = await (await this.#dismissOne()).stop()
    await this.#hire()
    return code
  }

  async #dismissOne(): Promise<PlumblineProcess> {
    // All may have died at a fail point, and the next one not have started yet.
    while (this.#members.length === 0) await sleep(50)
    const victim = this.#options.random.pick(this.#members)
    this.#members = this.#members.filter((one) => one !== victim)
    return victim
  }

  /** SIGSTOP, and SIGCONT after `ms`. */
  async pauseOne(ms: number): Promise<void> {
    const victim = this.#options.random.pick(this.#members)
    victim.pause()
    await sleep(ms)
    victim.resume()
  }

  /** How often one of them stood still, see `stall.ts`. */
  get stalls(): number {
    return this.#all.flatMap((one) => one.lines.filter((line) => line === '{"msg":"stalled"}')).length
  }

  /** Nobody is killed any more, and whoever goes now is not counted. */
  async dismiss(): Promise<void> {
    await this.#hiring
    this.#members = []
  }
}
