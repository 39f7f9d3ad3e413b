// A disk of a few kilobytes, for what must be tried when it is full. Only root may mount one.

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { test } from '@jest/globals'

import { readRunReport } from './servers/report.js'
import { unprivileged } from './servers/server.js'

/** Skipped where no disk can be mounted. */
export const testWithDisk = canMount() ? test : test.skip

/** `size` as mount(8) takes it: '64k'. The servers of the tests may write on it. */
export async function withSmallDisk<T>(size: string, work: (folder: string) => Promise<T> | T): Promise<T> {
  const folder = mkdtempSync(join(readRunReport().folder, 'disk-'))
  const { uid = 0, gid = 0 } = unprivileged()
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},uid=${uid},gid=${gid},mode=700`, 'tmpfs', folder])
  try {
    return await work(folder)
  } finally {
    execFileSync('umount', ['--lazy', folder])
    rmSync(folder, { recursive: true })
  }
}

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const folder = mkdtempSync(join(tmpdir(), 'mig-mount-'))
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status === 0
  if (isMounted) spawnSync('umount', [folder])
  rmSync(folder, { recursive: true })
  return isMounted
}
