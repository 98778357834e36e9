import { askedByBash, bashScript } from './bash.ts';
import type { Candidate, Reply } from './candidates.ts';

/** A question of a shell, and how it wants the answer. */
interface Asked {
  /** The words before the cursor, without quotes and without the name of the program. */
  readonly words: readonly string[];
  /** The word at the cursor, up to the cursor. */
  readonly current: string;
  /** The lines that the script reads. The first one is the kind of the reply. */
  readonly answer: (reply: Reply) => readonly string[];
}

interface Shell {
  /** Loads the completion for good. */
  readonly load: string;
  readonly script: string;
  /** @param args what the script passes to `bgjobs __complete SHELL` */
  asked(args: readonly string[], env: NodeJS.ProcessEnv): Asked;
}

const zshScript = `#compdef bgjobs
_bgjobs() {
  local -a lines
  lines=("\${(@f)$(bgjobs __complete zsh "\${(Q)PREFIX}" "\${(@Q)words[2,CURRENT-1]}" 2>/dev/null)}")
  case $lines[1] in
    files) _files ;;
    folders) _files -/ ;;
    program\\ *)
      local first=$(( \${lines[1]#program } + 2 ))
      words=("\${(@)words[first,-1]}")
      (( CURRENT -= first - 1 ))
      _normal
      ;;
    values)
      local -a values shown
      local line
      for line in "\${(@)lines[2,-1]}"; do
        values+=("\${line%%$'\\t'*}")
        shown+=("\${line/$'\\t'/  }")
      done
      compadd -U -l -V bgjobs -d shown -a values
      # Several ids for the beginning of a name have no beginning that could replace it.
      if (( $#values > 1 )) && [[ $values[1] != "\${(Q)PREFIX}"* ]]; then
        compstate[insert]=
        compstate[list]='list force'
      fi
      ;;
  esac
}
if [[ $funcstack[1] == _bgjobs ]]; then
  _bgjobs "$@"
else
  compdef _bgjobs bgjobs
fi
`;

const fishScript = `function __bgjobs_complete
    set -l typed (commandline -ct)
    set -l current (string unescape -- $typed; or string trim -l -c '\\'"' -- $typed)
    set -l words (commandline -opc)
    set -l lines (bgjobs __complete fish "$current" $words[2..-1] 2>/dev/null)
    switch "$lines[1]"
        case files
            __fish_complete_path "$current"
        case folders
            __fish_complete_directories "$current" ''
        case 'program *'
            set -l first (math (string sub -s 9 -- $lines[1]) + 2)
            complete -C (string join ' ' -- (string escape -- $words[$first..-1]) "$current")
        case values
            set -e lines[1]
            string join \\n -- $lines
    end
end
complete -c bgjobs -e
complete -c bgjobs -f -a '(__bgjobs_complete)'
`;

/** Words go through a variable: Windows would run what some of them say when they reach a batch file as arguments. */
const wordsVariable = 'BGJOBS_COMPLETE';

const powershellScript = `Register-ArgumentCompleter -Native -CommandName bgjobs -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $elements = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition })
  $words = @($elements | ForEach-Object {
    if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text }
  })
  try {
    $env:${wordsVariable} = (@($wordToComplete) + $words) -join "\`n"
    $kind, $lines = @(& bgjobs __complete powershell 2>$null)
  } catch {
    return
  } finally {
    Remove-Item Env:${wordsVariable} -ErrorAction Ignore
  }
  if ($kind -like 'program *') {
    $first = [int]$kind.Substring(8) + 1
    $start = if ($first -lt $elements.Count) { $elements[$first].Extent.StartOffset } else { $cursorPosition - $wordToComplete.Length }
    $text = $commandAst.Extent.StartScriptPosition.GetFullScript().Substring($start, $cursorPosition - $start)
    return [System.Management.Automation.CommandCompletion]::CompleteInput($text, $text.Length, $null).CompletionMatches
  }
  foreach ($line in $lines) {
    $value, $description = $line -split "\`t", 2
    $shown = if ($description) { $description } else { $value }
    $text = if ($value -match '^[\\w./:=,@+-]+$') { $value } else { "'" + $value.Replace("'", "''") + "'" }
    [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $shown)
  }
}
`;

export const shells = {
  bash: {
    load: `add this line to ~/.bashrc:\n    source <(bgjobs completion bash)`,
    script: bashScript,
    asked: askedByBash,
  },
  zsh: {
    load: `add this line to ~/.zshrc, after compinit:\n    source <(bgjobs completion zsh)`,
    script: zshScript,
    asked: ([current = '', ...words]) => ({ words, current, answer: lines }),
  },
  fish: {
    load: `run this once:\n    bgjobs completion fish > ~/.config/fish/completions/bgjobs.fish`,
    script: fishScript,
    asked: ([current = '', ...words]) => ({ words, current, answer: lines }),
  },
  powershell: {
    load: `add this line to the file that $PROFILE names:\n    bgjobs completion powershell | Out-String | Invoke-Expression`,
    script: powershellScript,
    asked: (_args, env) => {
      const [current = '', , ...words] = (env[wordsVariable] ?? '').split('\n');
      return { words, current, answer: lines };
    },
  },
} as const satisfies Record<string, Shell>;

export type ShellName = keyof typeof shells;

function lines(reply: Reply): string[] {
  if (reply.kind !== 'values') return [reply.kind === 'program' ? `program ${reply.at}` : reply.kind];
  return [reply.kind, ...reply.values.map(lineOf)];
}

function lineOf({ value, description }: Candidate): string {
  return description === '' ? value : `${value}\t${description}`;
}
