// A Node process that does nothing: what every tool written for Node pays.

import { nodeCommand } from '../process.js'
import type { Tool } from './tool.js'

export const node: Tool = {
  name: 'node',
  label: 'node -e 0',
  engines: ['sqlite', 'postgres'],
  isFloor: true,
  isIdle: true,
  missing: () => null,
  version: () => process.versions.node,
  write: (project) => project.writeJson('package.json', { name: 'a-project', private: true }),
  command: () => nodeCommand(['-e', '0']),
}
