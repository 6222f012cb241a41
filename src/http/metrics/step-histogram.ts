import { Histogram } from 'prom-client'
import type { StepFigures } from '../../store/watch/figures.ts'

interface Value {
  metricName: string
  labels: Record<string, string | number>
  value: number
}

/** Counted by Postgres already: nothing is observed here. */
export class StepHistogram extends Histogram {
  readonly #values: Value[]

  constructor(steps: readonly StepFigures[], bounds: readonly number[]) {
    super({ name, help, registers: [] })
    this.#values = steps.flatMap((step) => valuesOf(step, bounds))
  }

  /** What a registry asks for before it writes. */
  async getForPromString() {
    return { name, help, type: 'histogram', values: this.#values }
  }
}

const name = 'plumbline_step_seconds'
const help = 'How long steps of reviews took, by kind and by how they ended.'

function valuesOf({ count, kind, seconds, status, within }: StepFigures, bounds: readonly number[]): Value[] {
  const labels = { kind, status }
  const bucket = (le: number | string, value: number): Value => ({
    metricName: `${name}_bucket`,
    labels: { le, ...labels },
    value,
  })
  return [
    ...bounds.map((bound, index) => bucket(bound, within[index] ?? 0)),
    bucket('+Inf', count),
    { metricName: `${name}_sum`, labels, value: seconds },
    { metricName: `${name}_count`, labels, value: count },
  ]
}
