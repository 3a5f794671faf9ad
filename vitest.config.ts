import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{src,scripts,test,examples}/**/*.test.ts'],
    globalSetup: ['test/support/build.ts', 'test/support/package.ts'],
    // Each file starts a workerd of its own; two cores.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A page waits for models to load.
    expect: { poll: { timeout: 20_000 } },
  },
})
