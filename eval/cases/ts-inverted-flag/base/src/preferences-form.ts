import type { Preferences } from './preferences.ts'

export const defaults: Preferences = { muted: false, language: 'en' }

export function readForm(form: FormData): Preferences {
  return {
    muted: form.get('muted') === 'on',
    language: String(form.get('language') ?? defaults.language),
  }
}
