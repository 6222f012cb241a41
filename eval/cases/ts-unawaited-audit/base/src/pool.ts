export interface PoolClient {
  query(sql: string, values?: unknown[]): Promise<{ rows: unknown[] }>
  /** Gives the connection back. Nothing may be sent on it afterwards. */
  release(): void
}

export interface Pool {
  acquire(): Promise<PoolClient>
}
