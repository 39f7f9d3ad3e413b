// What was thrown, in words: anything can be thrown, and system errors speak in codes.

const systemReasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it is not a folder',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  ELOOP: 'its links go in a circle',
  EDQUOT: 'the disk quota is used up',
}

/** Whether it is an error, of whatever realm: a test runner gives each file its own `Error`, and its drivers may have another. */
export function isError(thrown: unknown): thrown is Error {
  try {
    if (thrown instanceof Error) return true
    const { message, stack } = (thrown ?? {}) as { readonly message?: unknown; readonly stack?: unknown }
    return typeof message === 'string' && typeof stack === 'string'
  } catch {
    return false
  }
}

/** The message of anything that can be thrown, also of what throws when it is looked at. */
export function messageOf(cause: unknown): string {
  try {
    if (cause instanceof Error) return cause.message === '' ? cause.name : cause.message
    if (typeof cause === 'string') return cause
    const { message } = (cause ?? {}) as { readonly message?: unknown }
    return typeof message === 'string' ? message : `${cause === null ? 'null' : typeof cause} was thrown, not an Error`
  } catch {
    return 'something was thrown that cannot be read'
  }
}

/** The operating system's reason in a few words; any other error's message. */
export function reasonOf(cause: unknown): string {
  const { code } = (cause ?? {}) as { readonly code?: unknown }
  return (typeof code === 'string' ? systemReasons[code] : undefined) ?? messageOf(cause)
}
