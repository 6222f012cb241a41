import type { Database } from './database.ts'

export interface Project {
  id: string
  slug: string
  name: string
}

export interface Viewer {
  userId: string
  tenantId: string
}

/** Slugs are unique within a tenant. */
export function createProjects(db: Database) {
  return {
    async bySlug(viewer: Viewer, slug: string): Promise<Project | undefined> {
      const rows = await db.query<Project>('select id, slug, name from projects where tenant_id = $1 and slug = $2', [
        viewer.tenantId,
        slug,
      ])
      return rows[0]
    },

    async rename(viewer: Viewer, slug: string, name: string): Promise<void> {
      await db.query('update projects set name = $3 where tenant_id = $1 and slug = $2', [viewer.tenantId, slug, name])
    },
  }
}
