import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Generous: machines are noisy, and no test asserts a time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // The logger keeps the level that it was loaded with.
    env: { POWERTOOLS_LOG_LEVEL: 'SILENT' },
    coverage: { provider: 'v8', include: ['core/**', 'lambdas/**', 'lib/**', 'rehearsal/**', 'bin/**'] },
  },
});
