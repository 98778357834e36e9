import { answer, asKnown, failureText, printJson, write, type Context } from './context.ts';
import { exitCodeOfError } from './exitCodes.ts';

/**
 * Applies `act` to every id. The JSON document is the result of the only id, or `{results}` in the order of the ids with
 * an error document for each failure. The first failure decides the exit code.
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
