// The shortest of the fault campaigns (`npm run test:faults` has the others): workers die, and GitHub's answers are lost.
import { expect, test } from 'vitest'
import { loseAnswers } from './faults/github-faults.ts'
import { runCampaign } from './faults/harness/campaign.ts'
import { clean } from './faults/harness/oracle.ts'

test('workers killed while answers are lost lose nothing and double nothing', { timeout: 240_000 }, async () => {
  const went = await runCampaign({
    seed: 1,
    reviews: 6,
    workers: 2,
    prepare: loseAnswers,
    async faults({ crew, pause }) {
      for (let killed = 0; killed < 2; killed++) {
        await pause(200, 600)
        await crew.killOne()
      }
    },
  })

  expect(went).toMatchObject({ ...clean, gone: 0 })
})
