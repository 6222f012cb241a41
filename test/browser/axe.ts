import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** What axe finds wrong on the page as it is: rule, and where. */
export async function wrongOn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run()) // loaded above
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`))
}
