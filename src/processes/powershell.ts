/**
 * A call of PowerShell that prints a JSON list of processes.
 * @param fields of each: the name in the list, and the expression for it, in which `$_` is a Win32_Process
 * @param filter which processes, in WQL
 */
export function listProcesses(fields: Readonly<Record<string, string>>, filter = ''): [string, string[]] {
  const members = Object.entries(fields).map(([name, expression]) => `${name} = ${expression}`);
  const script = [
    '[Console]::OutputEncoding = [Text.Encoding]::UTF8;',
    `$list = Get-CimInstance Win32_Process${filter && ` -Filter '${filter}'`} |`,
    `ForEach-Object { @{ ${members.join('; ')} } };`,
    'ConvertTo-Json -Compress -InputObject @($list)',
  ].join(' ');
  return ['powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script]];
}
