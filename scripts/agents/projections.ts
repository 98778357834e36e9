// What each client makes of the answer of a tool before a model sees it. Each was recorded with a server that answers
// with texts of 20 to 120,000 characters, with and without structured content; `npm run agents` compares them with what
// the models of the real clients get.

/** The answer to `tools/call`. */
export interface ToolResult {
  content: { type: string; text?: string }[];
  structuredContent?: unknown;
  isError?: boolean;
}

export interface ToolCall {
  name: string;
  arguments: Record<string, unknown>;
}

export interface Projection {
  /** The version in which this was seen. */
  version: string;
  /** What is shown, and what happens to long answers, in words. */
  shows: string;
  of(result: ToolResult, call: ToolCall): string;
}

const texts = ({ content }: ToolResult): string[] => content.map(({ text = '' }) => text);

function structuredOr(result: ToolResult, otherwise: string): string {
  return result.structuredContent === undefined ? otherwise : JSON.stringify(result.structuredContent);
}

/** Where a client stores a long answer in a file; it names the file to the model. */
export const inFile = '[in a file]';

function beginning(text: string, limit: number, kept: number): string {
  return text.length <= limit ? text : `${inFile}\n${text.slice(0, kept)}`;
}

/** Cuts the middle out. @param kept the characters that stay at the beginning and at the end */
function ends(text: string, limit: number, [first, last]: [number, number], mark: (cut: number) => string): string {
  if (text.length <= limit) return text;
  return text.slice(0, first) + mark(text.length - first - last) + text.slice(text.length - last);
}

/** Gemini and Qwen show a failed call as one text with the whole answer in it. */
function reported({ name, arguments: args }: ToolCall, response: unknown): string {
  const call = JSON.stringify({ name, args });
  const functionResponse = { name, response };
  return `MCP tool '${name}' reported tool error for function call: ${call} with response: ${JSON.stringify([{ functionResponse }])}`;
}

function opencode(version: string): Projection {
  return {
    version,
    shows: 'the texts, with an empty line between them; above 51,200 bytes or 2,000 lines their beginning, and a file',
    of(result) {
      const text = texts(result).join('\n\n');
      let bytes = 0;
      const lines = text
        .split('\n')
        .slice(0, 2000)
        .filter((line) => (bytes += Buffer.byteLength(line) + 1) <= 51_200);
      const shown = lines.join('\n');
      return shown === text ? text : `${shown}${inFile}`;
    },
  };
}

/** With the members of each object in alphabetical order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, sorted(inner)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export const projections = {
  claude: {
    version: '2.1.332',
    shows:
      'the structured content as JSON, or the texts if there is none; above 50,000 characters a file and the first 2 kB',
    of(result) {
      const text = structuredOr(result, texts(result).join(''));
      // The file has the JSON of all parts, and so has the preview.
      const whole = result.structuredContent === undefined ? JSON.stringify(result.content, null, 2) : text;
      return text.length <= 50_000 ? text : beginning(whole, 0, 2000);
    },
  },
  codex: {
    version: '0.171.0',
    shows:
      'the structured content as JSON, or the texts if there is none; of more than 12,000 characters the first and last 6,000',
    of(result) {
      const text = `Output:${result.structuredContent === undefined ? texts(result).join('') : `\n${structuredOr(result, '')}`}`;
      return ends(text, 12_000, [5975, 5990], () => '…tokens truncated…');
    },
  },
  copilot: {
    version: '1.0.102',
    shows: 'the texts and the structured content as JSON; above 20 kB a file and the first 500 characters',
    of(result) {
      const text = [texts(result).join(''), structuredOr(result, '')].filter((part) => part !== '').join('\n\n');
      return result.isError ? `MCP server 'background-jobs': ${text}` : beginning(text, 20_480, 500);
    },
  },
  gemini: {
    version: '0.61.0',
    shows:
      'the texts, each in <untrusted_context>; of more than 40,000 characters the first 8,000, the last 32,000 and a file',
    of(result, call) {
      if (result.isError) return reported(call, result);
      const text = texts(result)
        .map((one) => `<untrusted_context>\n${one}\n</untrusted_context>`)
        .join('\n');
      return ends(text, 40_000, [8000, 32_000], () => inFile);
    },
  },
  opencode: opencode('1.18.33'),
  qwen: {
    version: '0.24.4',
    shows:
      'the structured content as JSON, then the texts; above 26,000 to 30,000 characters a file and the first 2,000',
    of(result, call) {
      if (result.isError) return reported(call, { error: result, content: result.content });
      return beginning(
        [structuredOr(result, ''), ...texts(result)].filter((part) => part !== '').join('\n'),
        26_000,
        2000,
      );
    },
  },
  kilo: opencode('7.7.7'),
  cline: {
    version: '3.0.65',
    shows: 'the whole answer as JSON; of more than 8,000 characters the first and last 4,000',
    of: (result) => ends(JSON.stringify(result), 8000, [3980, 3980], (cut) => `\n\n...[truncated ${cut} chars]...\n\n`),
  },
  continue: {
    version: '1.5.47',
    shows: 'the list of texts as JSON, never cut',
    of: ({ content }) => JSON.stringify(content),
  },
  vibe: {
    version: '3.0.2',
    shows:
      'the structured content as an object of TypeScript, or the texts; above 16,000 characters a file, and the first and last 4,000',
    of(result) {
      const text = texts(result).join('');
      if (result.isError) return `run_typescript failed: ${JSON.stringify({ name: 'mcp_tool_error', message: text })}`;
      const value = JSON.stringify(sorted(result.structuredContent ?? text));
      return value.length <= 16_000 ? value : `${inFile}${value.slice(0, 4000)}${value.slice(-4000)}`;
    },
  },
} satisfies Record<string, Projection>;
