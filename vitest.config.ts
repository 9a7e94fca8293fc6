import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['{model,impl,traces,properties,scripts}/**/*.test.ts'], exclude: ['**/*.long.test.ts'], testTimeout: 60_000 },
})
