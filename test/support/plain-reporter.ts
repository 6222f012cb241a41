import type { Reporter, TestModule } from 'vitest/node'

/** Ends a run with how many tests met real servers, and with the one plain line that anything can read. */
export default class PlainReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length
    const passed = count('passed')
    const failed = count('failed') + errors.length + modules.flatMap((module) => module.errors()).length
    const real = tests.filter((test) => test.meta().real).length
    console.log(`\n${real} of ${tests.length} tests ran against real servers`)
    console.log(`${passed} passed, ${failed} failed, ${tests.length - passed - count('failed')} skipped`)
  }
}
