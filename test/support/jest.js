// Starts Jest with jest.config.ts. Plain `jest` cannot read that file on Node 20; why is said there.

import { run } from 'jest'
import 'tsx' // for this process only, not for the workers: it reads the configuration, global-setup.ts and what they import

const { default: config } = await import('../../jest.config.ts')
await run([...process.argv.slice(2), '--config', JSON.stringify(config)])
