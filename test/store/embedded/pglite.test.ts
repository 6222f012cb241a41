import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openPglite } from '../../../src/store/embedded/pglite.ts'

const folder = mkdtempSync(join(tmpdir(), 'plumbline-pglite-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('what was committed is there after it is opened again', async () => {
  const first = await openPglite(folder)
  await first.query('create table notes (text text)')
  await first.transaction((tx) => tx.query('insert into notes values ($1)', ['kept']))
  await first.close()

  const again = await openPglite(folder)

  expect(await again.query('select text from notes')).toEqual([{ text: 'kept' }])
  await again.close()
})

test('a second opener is refused, and the owner is named', async () => {
  const owner = await openPglite(folder)

  const second = openPglite(folder)

  await expect(second).rejects.toThrow(`is in use by process ${process.pid}`)
  await owner.close()
})

test('a folder of another living process is refused, one of a dead process is taken over', async () => {
  writeFileSync(join(folder, 'owner.pid'), String(process.ppid))
  await expect(openPglite(folder)).rejects.toThrow(`is in use by process ${process.ppid}`)
  writeFileSync(join(folder, 'owner.pid'), '4194304')

  const taken = await openPglite(folder)

  expect(await taken.query('select 1 as one')).toEqual([{ one: 1 }])
  await taken.close()
})

test('a process that got the number of its predecessor takes its folder over', async () => {
  writeFileSync(join(folder, 'owner.pid'), String(process.pid))

  const taken = await openPglite(folder)

  await taken.close()
})
