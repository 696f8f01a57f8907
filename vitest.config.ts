import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    // The logger keeps the level that it was loaded with.
    env: { POWERTOOLS_LOG_LEVEL: 'SILENT' },
    coverage: { provider: 'v8', include: ['core/**', 'lambdas/**', 'lib/**', 'rehearsal/**', 'bin/**'] },
  },
});
