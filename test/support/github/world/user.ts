export interface User {
  id: number
  login: string
  type: 'User' | 'Bot' | 'Organization'
}
