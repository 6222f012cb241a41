import { shiftNames } from './shifts.ts'

export function renderWall(): string {
  return shiftNames()
    .map((name) => `<li>${name}</li>`)
    .join('')
}
