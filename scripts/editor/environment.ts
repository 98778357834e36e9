/**
 * The environment an editor is started with: ours, without what an editor around us left in it. The variables of an
 * integrated terminal would make a new editor talk to the old one, or run as plain Node.
 */
export function editorEnvironment(added: Record<string, string> = {}): Record<string, string> {
  const foreign = /^(VSCODE_|ELECTRON_|npm_)/;
  const kept = Object.entries(process.env).filter(([name, value]) => value !== undefined && !foreign.test(name));
  return { ...(Object.fromEntries(kept) as Record<string, string>), ...added };
}
