import { findNodeAtLocation, parse as parseJson, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import { parse as parseToml } from 'smol-toml';
import { isCollection, isSeq, parseDocument, type Node as YamlNode } from 'yaml';
import { serverName, tomlBlock, tomlValue, yamlItem, type Entry, type McpClient } from './mcpClients.ts';

/**
 * How to change a file of one format without writing the rest anew. `drop` takes out what `put` has put in, to the last
 * space. So the form of what `put` writes tells what was there before: a member of an object that was empty follows its
 * bracket, one of an object that `put` makes has a line of its own.
 */
interface Format {
  /** @throws Error that says what is wrong */
  parse: (text: string) => unknown;
  /** Adds the entry, which is not there. */
  put: (text: string, client: McpClient, entry: Entry) => string;
  /** Takes out the entry, which is there. */
  drop: (text: string, client: McpClient, entry: Entry) => string;
}

export const formats: Record<McpClient['format'], Format> = {
  json: {
    parse(text) {
      const errors: ParseError[] = [];
      const data: unknown = parseJson(text, errors, { allowTrailingComma: true });
      const [first] = errors;
      if (first) {
        const line = text.slice(0, first.offset).split('\n').length;
        throw new Error(`${printParseErrorCode(first.error)} in line ${line}`);
      }
      return data;
    },
    put(text, { key }, entry) {
      const root = jsonNode(text, []);
      const made = { [serverName]: entry };
      if (!root) return `{ ${jsonMember(key, made, '  ')} }${text}`;
      const servers = jsonNode(text, [key]);
      return servers ? intoObject(text, servers, serverName, entry) : intoObject(text, root, key, made);
    },
    drop(text, { key }) {
      const entry = jsonNode(text, [key, serverName])?.parent;
      const servers = entry?.parent;
      const root = servers?.parent?.parent;
      if (!entry || !root) throw new Error('not an object');
      const source = (node: Node): string => text.slice(node.offset, node.offset + node.length);
      const isOnlyIn = (node: Node): boolean =>
        node.children?.length === 1 &&
        /^\s*\}$/.test(text.slice(entry.offset + entry.length, node.offset + node.length));
      const isMade = isOnlyIn(servers) && new RegExp(`^\\{(\\s*\\n\\s*"|"${serverName}":\\{)`).test(source(servers));
      if (!isMade || !servers.parent) return cut(text, entry.offset, entry.length);
      const isWhole = root.children?.length === 1 && /^\{ "[^]*\n\} \}$/.test(source(root));
      const { offset, length } = isWhole ? root : servers.parent;
      return cut(text, offset, length);
    },
  },

  toml: {
    parse: parseToml,
    put(text, client, entry) {
      const at = tomlValueAt(text, client);
      if (at === undefined) {
        const block = tomlBlock(client, entry);
        return text === '' || text.endsWith('\n') ? `${text}\n${block}` : `${text}\n\n${block.trimEnd()}`;
      }
      const isEmpty = Object.keys(parseToml(text)[client.key] as object).length === 0;
      const brackets = client.isList ? '[]' : '{}';
      if (text[at] === brackets[0]) return insertFirst(text, at + 1, tomlItem(client, entry), isEmpty);
      const other = /^(\[\s*\]|\{\s*\})/.exec(text.slice(at))?.[0];
      if (other === undefined) throw new Error('neither a list nor a table');
      return insertFirst(replace(text, at, other.length, brackets), at + 1, tomlItem(client, entry), true);
    },
    drop(text, client, entry) {
      const at = tomlValueAt(text, client);
      if (at !== undefined) {
        const item = tomlItem(client, entry);
        const from = text.indexOf(item, at);
        if (from < 0) throw new Error('written in another way');
        return cut(text, from, item.length);
      }
      const lines = text.split('\n');
      for (let { from, to } = tomlTable(lines, client); from < to; { from, to } = tomlTable(lines, client)) {
        if (from > 0 && lines[from - 1]?.trim() === '') from--;
        lines.splice(from, to - from);
      }
      return lines.join('\n');
    },
  },

  yaml: {
    parse(text) {
      const document = parseDocument(text);
      if (document.errors[0]) throw document.errors[0];
      return document.toJS() as unknown;
    },
    put(text, { key }, entry) {
      const list = yamlNode(text, key);
      if (!list) return `${endedWithNewline(text)}${key}:\n${likeTheEnd(text, yamlItem(entry, '  '))}`;
      const [from, to] = list.range ?? [0, 0];
      if (isSeq(list) && !list.flow) {
        const [item] = yamlItems(text, list).slice(-1);
        return insertLines(text, item?.to ?? 0, yamlItem(entry, item?.indent ?? ''));
      }
      // Nothing stands behind the key. A list without indentation tells `drop` to leave the key.
      if (from === to) return insertLines(text, lineOf(text, from) + 1, yamlItem(entry, ''));
      const isEmpty = !isCollection(list) || list.items.length === 0;
      if (!isSeq(list) && !isEmpty) throw new Error('not a list');
      const ready = isSeq(list) ? text : replace(text, from, to - from, '[]');
      return insertFirst(ready, from + 1, JSON.stringify(entry), isEmpty);
    },
    drop(text, { key }) {
      const list = yamlNode(text, key);
      if (!isSeq(list)) throw new Error('not a list');
      const index = (list.toJSON() as Entry[]).findIndex(({ name }) => name === serverName);
      const [from, to] = (list.items[index] as YamlNode).range ?? [0, 0];
      if (list.flow) return cut(text, from, to - from);
      const lines = text.split('\n');
      const items = yamlItems(text, list);
      const item = items[index] ?? { from: 0, to: 0, indent: '' };
      lines.splice(item.from, item.to - item.from);
      const header = lines.indexOf(`${key}:`);
      if (items.length === 1 && item.indent !== '' && header >= 0) lines.splice(header, 1);
      return lines.join('\n');
    },
  },
};

function replace(text: string, offset: number, length: number, by: string): string {
  return text.slice(0, offset) + by + text.slice(offset + length);
}

/** Behind an opening bracket: no comma before it can be missing. */
function insertFirst(text: string, at: number, item: string, isEmpty: boolean): string {
  return replace(text, at, 0, isEmpty ? item : `${/^\s*/.exec(text.slice(at))?.[0]}${item},`);
}

/** Takes out what is between brackets, with its comma and the space before it. */
function cut(text: string, offset: number, length: number): string {
  const before = text.slice(0, offset).trimEnd();
  const after = text.slice(offset + length);
  const comma = /^\s*,/.exec(after);
  return comma ? before + after.slice(comma[0].length) : before.replace(/,$/, '') + after;
}

/** The line of a place, from 0. */
function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length - 1;
}

function endedWithNewline(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/** Without the newline at its end if a text has none. */
function likeTheEnd(text: string, block: string): string {
  return endedWithNewline(text) === text ? block : block.trimEnd();
}

function insertLines(text: string, line: number, block: string): string {
  const lines = text.split('\n');
  return [...lines.slice(0, line), block.trimEnd(), ...lines.slice(line)].join('\n');
}

function jsonNode(text: string, path: string[]): Node | undefined {
  const root = parseTree(text, [], { allowTrailingComma: true });
  return root && findNodeAtLocation(root, path);
}

function jsonMember(name: string, value: unknown, unit: string): string {
  return `${JSON.stringify(name)}: ${JSON.stringify(value, null, unit)}`;
}

/** In one line if the object is in one line. */
function intoObject(text: string, object: Node, name: string, value: unknown): string {
  const { type, offset, length, children = [] } = object;
  if (type !== 'object') {
    // Null, or an empty list, stands for an empty object.
    if (children.length > 0 || (type !== 'null' && type !== 'array')) throw new Error('not an object');
    return intoObject(replace(text, offset, length, '{}'), { type: 'object', offset, length: 2 }, name, value);
  }
  const body = text.slice(offset + 1, offset + length - 1);
  const isEmpty = children.length === 0;
  if (!isEmpty && !body.includes('\n'))
    return insertFirst(text, offset + 1, `${JSON.stringify(name)}: ${JSON.stringify(value)}`, isEmpty);
  const [, unit = '  '] = /^([ \t]+)\S/m.exec(text) ?? [];
  const [space = ''] = /^\s*/.exec(isEmpty ? text.slice(text.lastIndexOf('\n', offset) + 1) : body) ?? [];
  const indent = space.slice(space.lastIndexOf('\n') + 1);
  const member = jsonMember(name, value, unit).replaceAll('\n', `\n${indent}`);
  return insertFirst(text, offset + 1, member, isEmpty);
}

/** Where the value begins if all servers are written as one value, as in `mcp_servers = []`. */
function tomlValueAt(text: string, { key }: McpClient): number | undefined {
  const header = text.search(/^[ \t]*\[/m);
  const top = header < 0 ? text : text.slice(0, header);
  const match = new RegExp(`^[ \\t]*(["']?)${key}\\1[ \\t]*=[ \\t]*`, 'm').exec(top);
  return match ? match.index + match[0].length : undefined;
}

function tomlItem({ isList }: McpClient, entry: Entry): string {
  return isList ? tomlValue(entry) : `${serverName} = ${tomlValue(entry)}`;
}

/** The lines of the first table of the entry, without the comments and blank lines before the next one. */
function tomlTable(lines: readonly string[], { key, isList }: McpClient): { from: number; to: number } {
  const isHeader = (line: string): boolean => /^\s*\[/.test(line);
  const end = (from: number): number => {
    const next = lines.findIndex((line, at) => at > from && isHeader(line));
    return withoutComments(lines, next < 0 ? lines.length : next);
  };
  const header = isList
    ? `^\\s*\\[\\[\\s*${key}\\s*\\]\\]`
    : `^\\s*\\[\\s*${key}\\s*\\.\\s*["']?${serverName}["']?\\s*[.\\]]`;
  const name = new RegExp(`^\\s*name\\s*=\\s*["']${serverName}["']`);
  const from = lines.findIndex((line, at) => {
    return new RegExp(header).test(line) && (!isList || lines.slice(at, end(at)).some((one) => name.test(one)));
  });
  return from < 0 ? { from: 0, to: 0 } : { from, to: end(from) };
}

/** The end of a block of lines without the comments and blank lines that end it. */
function withoutComments(lines: readonly string[], end: number): number {
  let to = end;
  while (/^\s*(#.*)?$/.test(lines[to - 1] ?? 'x')) to--;
  return to;
}

function yamlNode(text: string, key: string): YamlNode | undefined {
  return parseDocument(text).get(key, true) as YamlNode | undefined;
}

/** The items of a list of blocks as lines. */
function yamlItems(text: string, list: { items: unknown[] }): { from: number; to: number; indent: string }[] {
  const lines = text.split('\n');
  return list.items.map((item) => {
    const from = lineOf(text, (item as YamlNode).range?.[0] ?? 0);
    const indent = /^\s*/.exec(lines[from] ?? '')?.[0] ?? '';
    const isWithin = (line = ''): boolean => line.startsWith(`${indent} `) && line.trim() !== '';
    let to = from + 1;
    while (isWithin(lines[to])) to++;
    return { from, to: withoutComments(lines, to), indent };
  });
}
