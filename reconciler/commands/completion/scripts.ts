// The scripts by which shells complete the command line. All ask the program what fits, so that nothing is said twice. Pure.

/** Shells that are known. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** First argument of the program where a shell asks what fits. */
export const COMPLETE = '__complete';

const BASH = `# bash completion of mcp-operator. Load it with: source <(mcp-operator completion bash)
_mcp_operator() {
  local line last=
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      :[0-9]*) last=$line ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <("\${COMP_WORDS[0]}" ${COMPLETE} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [ "$last" = :4 ] && type compopt >/dev/null 2>&1; then compopt +o default; fi
}
complete -o default -F _mcp_operator mcp-operator
`;

const ZSH = `#compdef mcp-operator
# zsh completion of mcp-operator. Load it with: source <(mcp-operator completion zsh), or save it as _mcp-operator in a folder of $fpath.
_mcp_operator() {
  local -a lines candidates
  local line
  lines=("\${(@f)$("\${words[1]}" ${COMPLETE} "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "\${(@)lines[1,-2]}"; do
    candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( $#candidates )); then
    _describe -t words word candidates
  elif [[ "\${lines[-1]}" == :0 ]]; then
    _files
  fi
}
if [ "$funcstack[1]" = _mcp_operator ] || [ "$funcstack[1]" = _mcp-operator ]; then _mcp_operator "$@"; else compdef _mcp_operator mcp-operator; fi
`;

const FISH = `# fish completion of mcp-operator. Load it with: mcp-operator completion fish | source
function __mcp_operator_complete
    set -l before (commandline -opc)
    set -l typed (commandline -ct)
    set -l lines ($before[1] ${COMPLETE} $before[2..-1] "$typed" 2>/dev/null)
    if test (count $lines) -gt 1
        printf '%s\\n' $lines[1..-2]
    else if test "$lines[1]" = :0
        __fish_complete_path "$typed"
    end
end
complete -c mcp-operator -f -a '(__mcp_operator_complete)'
`;

/** The script of a shell. */
export const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = { bash: BASH, zsh: ZSH, fish: FISH };
