/**
 * The environment in which an editor is started: that of this process, without the variables of an editor in which it
 * may itself run. The variables of an integrated terminal would make a new editor connect to the old one, or run as
 * plain Node.
 */
export function editorEnvironment(added: Record<string, string> = {}): Record<string, string> {
  const foreign = /^(VSCODE_|ELECTRON_|npm_)/;
  const kept = Object.entries(process.env).filter(([name, value]) => value !== undefined && !foreign.test(name));
  return { ...(Object.fromEntries(kept) as Record<string, string>), ...added };
}
