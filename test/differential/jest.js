// Starts Jest with the configuration of the differential tests, in the way that ../support/jest.js explains.

import { run } from 'jest'
import 'tsx'

const { default: config } = await import('./jest.config.ts')
await run([...process.argv.slice(2), '--config', JSON.stringify(config)])
