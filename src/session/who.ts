// Who runs: user, machine and commit, for the history and for those who wait.

import { hostname, userInfo } from 'node:os'

export interface Who {
  readonly user: string
  readonly host: string
}

export function whoRuns(): Who {
  return { user: userName(), host: hostname() }
}

/** A container may run under a number that has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}

/** What other runs read while they wait: "mig upgrade head anna@ci-7 pid 71". */
export function runLabel(command: string, { user, host }: Who): string {
  return `mig ${command} ${user}@${host} pid ${process.pid}`
}

/** Variables in which pipelines tell the commit that they build, where the code runs without its repository. */
const commitVariables = ['GITHUB_SHA', 'CI_COMMIT_SHA', 'GIT_COMMIT', 'SOURCE_COMMIT']

/** The commit that is checked out at `root`; null where that is not known. */
export async function gitCommit(root: string): Promise<string | null> {
  const { execFile } = await import('node:child_process')
  const told = commitVariables.map((name) => process.env[name]).find((value) => /^[0-9a-f]{7,64}$/.test(value ?? ''))
  return new Promise((resolve) => {
    execFile('git', ['rev-parse', 'HEAD'], { cwd: root, timeout: 2000 }, (error, stdout) => {
      const found = stdout.trim()
      resolve(error === null && /^[0-9a-f]{40,64}$/.test(found) ? found : (told ?? null))
    })
  })
}
