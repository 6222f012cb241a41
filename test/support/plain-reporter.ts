import type { Reporter, TestModule, TestRunEndReason, Vitest } from 'vitest/node'

/**
 * Ends a run with how many tests met real servers, and with the one plain line that anything can read:
 * `N passed, N failed, N skipped`. A run that could not start, or fails outside of its tests, is a failure there too.
 */
export default class PlainReporter implements Reporter {
  #vitest: Vitest | undefined
  #lines: string[] = []

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
    // Vitest says things after the last reporter; the count shall be the last line of all.
    process.once('exit', () => this.#print())
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], reason: TestRunEndReason): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length
    const passed = count('passed')
    const outside = errors.length + modules.flatMap((module) => module.errors()).length
    const failed = Math.max(count('failed') + outside, reason === 'passed' ? 0 : 1)
    const real = tests.filter((test) => test.meta().real).length
    const servers = this.#vitest?.getRootProject().getProvidedContext().servers ?? 'none started'
    this.#lines = [
      `${real} of ${tests.length} tests ran against real servers (${servers})`,
      `${passed} passed, ${failed} failed, ${tests.length - passed - count('failed')} skipped`,
    ]
    if (this.#vitest?.config.watch) this.#print()
  }

  #print(): void {
    if (this.#lines.length > 0) console.log(`\n${this.#lines.join('\n')}`)
    this.#lines = []
  }
}
