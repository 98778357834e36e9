import type { AgentEvent } from '../api/codingAgent.ts';
import { joined, oneLine } from './grammar.ts';

/** Lines of a command's output that are shown. */
const outputLines = 20;
const argumentLength = 200;

/** An event for a person to read, in lines that end with a newline; empty when it adds nothing to the events before. */
export function agentEventText(event: AgentEvent): string {
  const text = linesOf(event);
  return text === '' ? '' : `${text}\n`;
}

function linesOf(event: AgentEvent): string {
  const { type, status, text, model, sessionId } = event;
  const tool = oneLine(event.tool ?? 'tool');
  switch (type) {
    case 'started':
      return joined(oneLine(text), oneLine(model ?? ''), sessionId === null ? '' : `session ${oneLine(sessionId)}`);
    case 'message':
      return indented(text, event.role === 'user' ? '> ' : '');
    case 'reasoning':
      return indented(text, '… ');
    case 'command':
      return status === 'started' ? indented(event.command ?? '', '$ ') : commandEnd(event);
    case 'file':
      if (status === 'started') return '';
      return status === 'failed' ? `! ${fileWord(event)} failed: ${firstLine(text)}` : fileWord(event);
    case 'tool':
      if (status === 'failed') return `! ${tool} failed: ${firstLine(text)}`;
      return status === 'started' ? `* ${tool} ${shortened(text)}`.trimEnd() : '';
    case 'result':
      return `= ${agentResultText(event)}`;
    case 'error':
      return indented(text, '! ');
    case 'text':
      return indented(text);
    case 'other':
      return '';
  }
}

/** How a coding agent's run ended, for example `completed, $0.12, 1200 tokens in and 300 out`. */
export function agentResultText({ status, text, usage, costUsd }: AgentEvent): string {
  return joined(
    status === 'killed'
      ? firstLine(text)
      : `${status ?? 'ended'}${status === 'failed' && text !== '' ? `: ${firstLine(text)}` : ''}`,
    spentText({ usage, costUsd }),
  );
}

/** For example `$0.12, 1200 tokens in and 300 out`; empty where neither is known. */
export function spentText({ usage, costUsd }: Pick<AgentEvent, 'usage' | 'costUsd'>): string {
  return joined(
    costUsd === null ? '' : `$${costUsd.toFixed(2)}`,
    usage === null ? '' : `${usage.inputTokens} tokens in and ${usage.outputTokens} out`,
  );
}

function commandEnd({ text, exitCode, status }: AgentEvent): string {
  const lines = text.trimEnd().split('\n');
  const earlier = lines.length - outputLines;
  const tail = [...(earlier > 0 ? [`… (${earlier} earlier lines)`] : []), ...lines.slice(-outputLines)];
  const end = exitCode !== null && exitCode !== 0 ? `  exit ${exitCode}` : status === 'failed' ? '  failed' : '';
  const output = text.trim() === '' ? '' : indented(tail.join('\n'), '  ');
  return [output, end].filter((part) => part !== '').join('\n');
}

const changeWords = { add: 'added', update: 'changed', delete: 'deleted' } as const;

function fileWord({ path, change }: AgentEvent): string {
  return `~ ${oneLine(path ?? 'a file')} ${change === null ? 'changed' : changeWords[change]}`;
}

function firstLine(text: string): string {
  return shortened(text.trim().split('\n', 1)[0] ?? '');
}

function shortened(text: string): string {
  const begin = text.slice(0, argumentLength).replace(/[\ud800-\udbff]$/, '');
  return oneLine(text.length <= argumentLength ? text : `${begin}…`);
}

/** Every line, without control characters: an agent's output must not control the reader's terminal. */
function indented(text: string, prefix = ''): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `${prefix}${oneLine(line.replaceAll('\t', '    ').replace(/\r$/, ''))}`.trimEnd())
    .join('\n');
}
