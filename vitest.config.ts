import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['{model,impl,traces,properties,scripts}/**/*.test.ts'], exclude: ['**/*.long.test.ts'], testTimeout: 120_000, hookTimeout: 120_000, maxWorkers: 2 },
})
