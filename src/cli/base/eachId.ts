import { answer, printJson, write } from './context.ts';
import type { Context } from './context.ts';
import { exitCodeOfError } from './exitCodes.ts';
import { asKnown, failureText } from './cliFailure.ts';

/**
 * Does the same to every id. With one id its result is the JSON document; with several the document is `{results}`, in
 * the order of the ids, with an error document in the place of what failed. The first failure decides the exit code.
 */
export async function eachId<T>(
  context: Context,
  ids: readonly string[],
  options: { json?: boolean },
  act: (id: string) => Promise<T>,
  render: (result: T) => string,
): Promise<void> {
  const [only] = ids;
  if (ids.length === 1 && only !== undefined) {
    const result = await act(only);
    return answer(context, options, result, () => render(result));
  }
  const settled = await Promise.allSettled(ids.map(act));
  const results: unknown[] = [];
  for (const each of settled) {
    if (each.status === 'fulfilled') {
      results.push(each.value);
      if (!options.json) await write(context.stdout, `${render(each.value)}\n`);
    } else {
      const error = asKnown(each.reason);
      context.exitCode ||= exitCodeOfError(error);
      results.push(error.toBody());
      if (!options.json) await write(context.stderr, failureText(error));
    }
  }
  if (options.json) await printJson(context, { results });
}
