import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'postgresql',
  schema: ['./src/platform/tables.ts', './src/people/tables.ts', './src/cases/tables.ts'],
  out: './migrations',
})
