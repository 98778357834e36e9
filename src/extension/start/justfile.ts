export interface JustRecipe {
  name: string;
  /** The comment above it. */
  description: string;
  /** What has to be given, in order. */
  required: JustParameter[];
}

/** A parameter without a default; `several` words can stand for the last. */
export interface JustParameter {
  name: string;
  several: boolean;
}

/** One token of a recipe's head: a text in quotes or backticks, an expression in brackets, a word, or a sign. */
const token = /"""[^]*?"""|'''[^]*?'''|"(?:\\.|[^"\\])*"|'[^']*'|`[^`]*`|[A-Za-z_][\w-]*|:=|\S/g;
const head = /^@?([A-Za-z_][\w-]*)/;

/** Attributes of recipes that are for some systems only. */
const systems: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: ['macos', 'unix'],
  win32: ['windows'],
};
const ofSystems = ['linux', 'macos', 'unix', 'windows', 'openbsd', 'freebsd', 'netbsd', 'dragonfly', 'android'];

/** The recipes of a justfile, without its private ones and those for other systems. What it imports is not read. */
export function justRecipes(text: string, platform = process.platform): JustRecipe[] {
  const here = systems[platform] ?? [platform, 'unix'];
  const recipes: JustRecipe[] = [];
  let description = '';
  let given: string[] = [];
  for (const line of logicalLines(text)) {
    const comment = /^#(?!!)\s*(.*)$/.exec(line);
    const attributes = /^\[(.*)\]\s*$/.exec(line);
    if (comment) description = comment[1] ?? '';
    else if (attributes) {
      given.push(...namesIn(attributes[1] ?? ''));
      description = /\bdoc\(\s*(["'])(.*?)\1\s*\)/.exec(attributes[1] ?? '')?.[2] ?? description;
    } else {
      const recipe = recipeOf(line);
      const wanted = given.filter((attribute) => ofSystems.includes(attribute));
      const isForHere = wanted.length === 0 || wanted.some((system) => here.includes(system));
      const isPrivate = given.includes('private') || recipe?.name.startsWith('_');
      if (recipe && isForHere && !isPrivate) recipes.push({ ...recipe, description });
      description = '';
      given = [];
    }
  }
  return recipes;
}

/** Names of attributes, without what they are given. */
function namesIn(attributes: string): string[] {
  return attributes.replace(/"(?:\\.|[^"\\])*"|'[^']*'/g, '').match(/[\w-]+/g) ?? [];
}

/** Multi-line texts and lines that go on behind a backslash are one line. */
function logicalLines(text: string): string[] {
  return text
    .replace(/("""|''')[^]*?\1/g, '""')
    .replace(/\\\r?\n[ \t]*/g, ' ')
    .split(/\r?\n/);
}

function recipeOf(line: string): Omit<JustRecipe, 'description'> | null {
  const [start, name] = head.exec(line) ?? [];
  if (start === undefined || name === undefined) return null;
  const tokens = line.slice(start.length).match(token) ?? [];
  const end = endOfParameters(tokens);
  return end < 0 ? null : { name, required: requiredOf(tokens.slice(0, end)) };
}

/** Where the colon is that ends the parameters: not the one of `:=`, and not one in brackets. -1: this is no recipe. */
function endOfParameters(tokens: readonly string[]): number {
  let depth = 0;
  return tokens.findIndex((each) => {
    depth += depthOf(each);
    return depth === 0 && each === ':';
  });
}

/** `name`, `$name`, `+names`, `*names`, each with `= default` or without. */
function requiredOf(tokens: readonly string[]): JustParameter[] {
  const parameters: (JustParameter & { needed: boolean })[] = [];
  let depth = 0;
  let inDefault = false;
  for (const [index, each] of tokens.entries()) {
    depth += depthOf(each);
    const last = parameters.at(-1);
    if (depth > 0) continue;
    if (inDefault) inDefault = false;
    else if (each === '=' && last) {
      last.needed = false;
      inDefault = true;
    } else if (/^[A-Za-z_]/.test(each)) {
      const sign = tokens[index - 1];
      parameters.push({ name: each, several: sign === '+', needed: sign !== '*' });
    }
  }
  return parameters.filter(({ needed }) => needed).map(({ name, several }) => ({ name, several }));
}

function depthOf(token: string): number {
  return token === '(' ? 1 : token === ')' ? -1 : 0;
}
