// Shell completion: the scripts, and what they are told.

import type { OptionTable } from '../commands/workplace/command.js'
import { commands } from '../commands/index.js'
import { UsageError } from '../core/errors.js'
import { commonOptions, flagName } from './options.js'

/** The hidden word by which a script asks: `mig --complete WORDS…`, the last of them is being typed. */
export const completionFlag = '--complete'

const targets = ['head', 'heads', 'base', 'current']

/** A label may be followed by `@head`; the shell would take `:` and `=` for the end of a word, so neither occurs. */
const scripts: Readonly<Record<string, string>> = {
  bash: `# mig: completion of commands, options and revisions for bash
_mig_complete() {
  local IFS=$'\\n'
  COMPREPLY=($(mig ${completionFlag} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _mig_complete mig`,
  zsh: `# mig: completion of commands, options and revisions for zsh
_mig_complete() {
  local -a found
  found=("\${(@f)$(mig ${completionFlag} "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -- "\${found[@]}"; else _default; fi
}
compdef _mig_complete mig`,
}

/**
 * The script for a shell: the one that is named, else that of the environment variable SHELL, else bash.
 * @throws UsageError `usage.bad-option`
 */
export function completionScript(named: string | undefined, shellPath: string | undefined): string {
  const script = scripts[named ?? (/\bzsh$/.test(shellPath ?? '') ? 'zsh' : 'bash')]
  if (script !== undefined) return script
  throw new UsageError('usage.bad-option', `There is no completion for “${named}”.`, {
    hint: 'mig completion bash, or: mig completion zsh',
  })
}

/** What the last word may become. `readNames` gives revisions and labels; it is asked only where one can stand. */
export async function completions(
  words: readonly string[],
  readNames: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const word = words.at(-1) ?? ''
  const command = commands.find(({ name, aliases = [] }) =>
    words.slice(0, -1).some((typed) => typed === name || aliases.includes(typed)),
  )
  const fitting = (names: readonly string[]) => names.filter((name) => name.startsWith(word))
  if (word.startsWith('-')) return fitting(flagsOf({ ...command?.options, ...commonOptions }))
  if (command === undefined) return fitting([...commands.map(({ name }) => name), 'completion'])
  const before = words.at(-2) ?? ''
  const takesRevision = Object.keys(command.arguments).length > 0 || ['--head', '--depends-on'].includes(before)
  if (!takesRevision) return []
  return fitting([...targets, ...(await readNames().catch(() => []))])
}

function flagsOf(table: OptionTable): readonly string[] {
  return [...Object.keys(table).map((name) => `--${flagName(name)}`), '--help']
}
