export interface Shift {
  name: string
  startsAtHour: number
}

/** In the order in which they are shown on the wall: it is set by hand. */
export const shifts: readonly Shift[] = [
  { name: 'late', startsAtHour: 14 },
  { name: 'early', startsAtHour: 6 },
  { name: 'night', startsAtHour: 22 },
]

export function shiftNames(list: readonly Shift[] = shifts): string[] {
  return list.map(({ name }) => name)
}
