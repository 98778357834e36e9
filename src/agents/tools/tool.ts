import type * as z from 'zod';
import type { JobService } from '../../api/endpoints.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { StartRequest } from '../../api/options.ts';
import { validate } from '../../api/validate.ts';
import { failureLines } from '../../text/failureText.ts';
import type { ToolName } from './names.ts';

/** What a front hands to each tool call. */
export interface ToolContext {
  readonly service: JobService;
  /** For jobs that name no session of their own. */
  readonly session: string;
  /** For jobs that name no folder, and the base of relative ones; null when there is none. */
  readonly cwd: string | null;
  /** Further fields for each start. */
  readonly start: Pick<StartRequest, 'inheritEnv' | 'shell'>;
  /** Aborted when the caller cancels: a wait ends, the job keeps running. */
  readonly signal: AbortSignal;
  /** The longest wait in one call: callers have time-outs of their own. Milliseconds. */
  readonly maxWaitMs: number;
  /** The most characters of output in one answer. */
  readonly maxChars: number;
  /** The name of a tool in this front. */
  readonly toolName: (name: ToolName) => string;
  /** Not all tools are offered everywhere. */
  readonly offers: (name: ToolName) => boolean;
  /** Reports the progress of a long call. */
  readonly onProgress?: (message: string) => void;
}

export interface ToolAnswer<Data> {
  /** For the model: what happened first, then what to do next. */
  readonly text: string;
  /** For programs: the shapes of the HTTP API. */
  readonly data: Data;
}

/** What a person confirms before a tool acts. */
export type Question =
  | { readonly kind: 'start'; readonly what: StartRequest }
  | { readonly kind: 'input'; readonly id: string; readonly text: string }
  | { readonly kind: 'kill'; readonly id: string; readonly signal: string; readonly requeue: boolean }
  | {
      readonly kind: 'cleanup';
      readonly status: string | null;
      readonly session: string | null;
      readonly olderThanMs: number | null;
      readonly keep: number | null;
    };

interface Definition<Input extends z.ZodObject, Output extends z.ZodType> {
  readonly name: ToolName;
  readonly title: string;
  /** For the model. The first sentence has the words to search for. */
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  readonly hints: {
    readonly readOnly: boolean;
    /** It may stop or remove something. */
    readonly destructive: boolean;
    /** A second call changes nothing more. */
    readonly idempotent: boolean;
  };
  /** What to confirm before the call; absent or null: nothing. */
  readonly question?: (input: z.output<Input>, context: QuestionContext) => Question | null;
  readonly run: (input: z.output<Input>, context: ToolContext) => Promise<ToolAnswer<z.input<Output>>>;
}

type QuestionContext = Pick<ToolContext, 'session' | 'cwd'>;

/** A tool as fronts see it. Both calls validate what a model has written. */
export interface Tool extends Pick<Definition<z.ZodObject, z.ZodType>, 'name' | 'title' | 'description' | 'hints'> {
  readonly input: z.ZodObject;
  readonly output: z.ZodType;
  /** @returns null when no confirmation is needed. @throws BgJobsError `invalid_request` */
  question(input: unknown, context: QuestionContext): Question | null;
  /** @throws BgJobsError; {@link failureText} says it to a model */
  call(input: unknown, context: ToolContext): Promise<ToolAnswer<unknown>>;
}

export function defineTool<Input extends z.ZodObject, Output extends z.ZodType>(
  definition: Definition<Input, Output>,
): Tool {
  return {
    ...definition,
    question: (input, context) => definition.question?.(validate(definition.input, input ?? {}), context) ?? null,
    call: async (input, context) => definition.run(validate(definition.input, input ?? {}), context),
  };
}

/** What goes to the model when a tool fails: the code, what is wrong, and the ids that exist. */
export function failureText(error: unknown): string {
  if (error instanceof BgJobsError) return `${error.code}: ${failureLines(error).join('\n')}`;
  return `internal: ${error instanceof Error ? error.message : String(error)}`;
}
