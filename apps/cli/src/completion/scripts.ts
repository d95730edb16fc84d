export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The script for a shell: it hands the line so far to the CLI and offers what comes back. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}

const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_invoke_complete() {
  local IFS=$'\\n'
  COMPREPLY=($(invoke completion --words="\${COMP_LINE:0:COMP_POINT}" 2>/dev/null))
}
complete -o default -F _invoke_complete invoke invokehq`,

  zsh: `#compdef invoke invokehq
_invoke_complete() {
  local -a candidates
  candidates=("\${(@f)$(invoke completion --words="\${BUFFER[1,CURSOR]}" 2>/dev/null)}")
  compadd -- $candidates
}
compdef _invoke_complete invoke invokehq`,

  fish: `function __invoke_complete
  invoke completion --words=(commandline -cp) 2>/dev/null
end
complete -c invoke -f -a '(__invoke_complete)'
complete -c invokehq -f -a '(__invoke_complete)'`,
};
