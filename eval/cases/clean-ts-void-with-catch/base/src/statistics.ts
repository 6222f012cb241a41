export interface Hit {
  path: string
  bytes: number
}

export interface Statistics {
  write(hit: Hit): Promise<void>
}
