import * as z from 'zod';
import type { JobService } from '../../api/endpoints.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { Job } from '../../api/job.ts';
import type { StartRequest } from '../../api/options.ts';
import { validate } from '../../api/validate.ts';
import { failureLines } from '../../text/endText.ts';
import { shorten } from '../../text/grammar.ts';
import { bounded, leastChars, usualChars, type Says } from './bounded.ts';
import { meantField } from './meantField.ts';
import type { ToolName } from './names.ts';

/** What a front hands to each tool call. */
export interface ToolContext {
  readonly service: JobService;
  /** For jobs that name no session of their own. */
  readonly session: string;
  /** For jobs that name no folder, and the base of relative ones; null when there is none. */
  readonly cwd: string | null;
  /** Further fields for each start. */
  readonly start: Pick<StartRequest, 'inheritEnv' | 'inheritEnvFrom' | 'shell'>;
  /** Aborted when the caller cancels: a wait ends, the job keeps running. */
  readonly signal: AbortSignal;
  /** The longest wait in one call: callers have time-outs of their own. Milliseconds. */
  readonly maxWaitMs: number;
  /** The most characters of an answer that the caller may ask for. */
  readonly maxChars: number;
  /** The name of a tool in this front. */
  readonly toolName: (name: ToolName) => string;
  /** Not all tools are offered everywhere. */
  readonly offers: (name: ToolName) => boolean;
  /** Reports the progress of a long call. */
  readonly onProgress?: ((message: string) => void) | undefined;
}

export interface ToolAnswer {
  /** For the model: what happened first, then what to do next. */
  readonly text: string;
  /** That the answer is about; null when it is about none or several. */
  readonly job: Job | null;
}

/** What a person confirms before a tool acts. */
export type Question =
  | { kind: 'start'; what: StartRequest }
  | { kind: 'input'; id: string; text: string }
  | { kind: 'kill'; id: string; signal: string; requeue: boolean }
  | { kind: 'cleanup'; status: string | null; session: string | null; olderThanMs: number | null; keep: number | null };

type QuestionContext = Pick<ToolContext, 'session' | 'cwd'>;

interface Definition<Input extends z.ZodObject> {
  readonly title: string;
  /** For the model. The first sentence has the words to search for. */
  readonly description: string;
  readonly input: Input;
  readonly hints: {
    readonly readOnly: boolean;
    /** It may stop or remove something. */
    readonly destructive: boolean;
    /** A second call changes nothing more. */
    readonly idempotent: boolean;
  };
  /** What to confirm before the call; absent or null: nothing. */
  readonly question?: (input: z.output<Input>, context: QuestionContext) => Question | null;
  /** The paragraphs of the answer, of which the empty ones are left out. */
  readonly run: (input: z.output<Input>, context: ToolContext) => Promise<{ says: Says; job?: Job }>;
}

/** A tool as fronts see it. Both calls validate what a model has written. */
export interface Tool extends Omit<Definition<z.ZodObject>, 'question' | 'run'> {
  /** @returns null when no confirmation is needed. @throws BgJobsError `invalid_request` */
  question(input: unknown, context: QuestionContext): Question | null;
  /** @throws BgJobsError; {@link failureText} says it to a model */
  call(input: unknown, context: ToolContext): Promise<ToolAnswer>;
}

export function defineTool<Input extends z.ZodObject>(definition: Definition<Input>): Tool {
  const read = (input: unknown): z.output<Input> => validate(definition.input, known(definition.input, input ?? {}));
  return {
    ...definition,
    question: (input, context) => definition.question?.(read(input), context) ?? null,
    async call(input, context) {
      const given = read(input);
      const { says, job = null } = await definition.run(given, context);
      const { maxChars = usualChars } = given as { maxChars?: number };
      return { text: await bounded(says, Math.min(Math.max(maxChars, leastChars), context.maxChars)), job };
    },
  };
}

/** Other names that models use for the id of a job. */
const otherIds = ['job_id', 'jobId'];

/** The input with the names of its fields made right. @throws BgJobsError for a field that there is not */
function known({ shape }: z.ZodObject, input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const names = Object.keys(shape);
  const ids = new Set(['id', ...otherIds].filter((name) => 'id' in shape && name in input));
  const given = new Map<string, unknown>(Object.entries(input));
  // One id under two names is one id.
  const same = new Set([...ids].map((name) => given.get(name))).size === 1;
  const fields = [...given].map(([name, value]) => [same && ids.has(name) ? 'id' : name, value] as const);
  const problems = fields
    .filter(([name]) => !names.includes(name))
    .map(([name]) => {
      const meant = meantField(name, names);
      const hint = meant === undefined ? `known are ${names.join(', ')}` : `use ${meant} instead`;
      return `unknown field "${shorten(name, 40)}": ${names.length === 0 ? 'this tool takes no fields' : hint}`;
    });
  if (problems.length > 0) throw new BgJobsError('invalid_request', problems.slice(0, 5).join('; '), { problems });
  return Object.fromEntries(fields);
}

/** What goes to the model when a tool fails: the code, what is wrong, and the ids that exist. */
export function failureText(error: unknown): string {
  const text =
    error instanceof BgJobsError
      ? `${error.code}: ${failureLines(error).join('\n')}`
      : `internal: ${error instanceof Error ? error.message : String(error)}`;
  return shorten(text, 3000);
}

/** The input of tools that act on one job. */
export const jobId = z
  .string()
  .trim()
  .min(1)
  .describe('Job id, a unique prefix of it, or its name; ID:NUMBER for a task of an array');

/** A field for an integer, both bounds included. */
export const int = (min: number, max: number): z.ZodInt => z.int().min(min).max(max);

/** Models read all of an input with every request, and every call is validated. */
const omitted = ['propertyNames', 'minLength', 'maxLength', 'minItems', 'maxItems'] as const;

/** JSON Schema in the subset that model providers share: no list of types, no schema that is `false`. */
export function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    override({ jsonSchema: part }) {
      for (const key of omitted) delete part[key];
      if (part.maximum === Number.MAX_SAFE_INTEGER) delete part.maximum;
      if (part.minimum === Number.MIN_SAFE_INTEGER) delete part.minimum;
      if (part.items === false) delete part.items;
    },
  });
  return JSON.parse(JSON.stringify(rest), oneTypeEach) as Record<string, unknown>;
}

function oneTypeEach(_key: string, part: unknown): unknown {
  if (typeof part !== 'object' || part === null || !('type' in part) || !Array.isArray(part.type)) return part;
  const { type, ...others } = part;
  return { ...others, anyOf: type.map((each: unknown) => ({ type: each })) };
}
