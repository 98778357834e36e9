import * as z from 'zod';

const id = z.string().min(1).meta({ description: 'What ${input:id} names' });
const description = z.string().optional().meta({ description: 'The question' });
const choice = z.union([z.string(), z.object({ label: z.string(), value: z.string() })]);

/** A value that is asked for before a job starts, in the form of tasks.json. */
export const input = z.discriminatedUnion('type', [
  z.object({
    id,
    type: z.literal('promptString'),
    description,
    default: z.string().optional(),
    password: z.boolean().optional().meta({
      description: 'Hidden while it is typed. It can stand in values of env alone, and is never stored',
    }),
  }),
  z.object({
    id,
    type: z.literal('pickString'),
    description,
    options: z.array(choice).min(1),
    default: z.string().optional(),
  }),
  z.object({
    id,
    type: z.literal('command'),
    command: z.string().min(1).meta({ description: 'A command of the editor that answers with a text' }),
    args: z.unknown().optional(),
  }),
]);
export type Input = z.infer<typeof input>;

/** Those of a list that can be read. */
export function readInputs(list: unknown): Input[] {
  return Array.isArray(list) ? list.flatMap((item) => input.safeParse(item).data ?? []) : [];
}

/** The questions whose answers nobody may read. */
export function secretsOf(inputs: readonly Input[]): ReadonlySet<string> {
  return new Set(
    inputs.filter((one) => one.type === 'promptString' && one.password).map(({ id: name }) => `input:${name}`),
  );
}
