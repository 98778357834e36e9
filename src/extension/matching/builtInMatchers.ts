/** A pattern whose groups, from the first on, hold the properties that are named. */
function pattern(regexp: string, groups: string, more: object = {}): object {
  return { regexp, ...Object.fromEntries(groups.split(' ').map((name, index) => [name, index + 1])), ...more };
}

/** `line`, `line,column` or `line,column,endLine,endColumn` in parentheses. */
const place = '\\((\\d+(?:,\\d+|(?:,\\d+){3})?)\\)';

/** What a compiler of Microsoft writes, whose codes begin with these letters. */
function compiler(letters: string): object {
  return pattern(
    `^(\\S.*)${place}:\\s+(error|warning|info)\\s+(${letters}\\d+)\\s*:\\s*(.*)$`,
    'file location severity code message',
  );
}

/** The patterns that the editor itself names, for what compilers and linters write (VS Code 1.139). */
export const builtInPatterns: Readonly<Record<string, unknown>> = {
  msCompile: pattern(
    `^\\s*(?:\\d+>)?(\\S.*?)(?:${place})?\\s*:\\s+(?:\\S+\\s+)?((?:fatal +)?error|warning|info)\\s+(\\w+\\d)?\\s*:\\s*(.*)$`,
    'file location severity code message',
  ),
  cpp: compiler('C'),
  csc: compiler('CS'),
  vb: compiler('BC'),
  'gulp-tsc': pattern(`^(\\S.*)${place}:\\s+(\\d+)\\s+(.*)$`, 'file location code message'),
  go: pattern('^(?:[^:]*: )?((?:.:)?[^:]*):(\\d+)(?::(\\d+))?: (.*)$', 'file line column message'),
  lessCompile: pattern('^\\s*(.*) in file (.*) line no. (\\d+)$', 'message file location'),
  jshint: pattern(
    '^(.*):\\s+line\\s+(\\d+),\\s+col\\s+(\\d+),\\s(.+?)(?:\\s+\\((\\w)(\\d+)\\))?$',
    'file line column message severity code',
  ),
  'jshint-stylish': [
    pattern('^(.+)$', 'file'),
    pattern(
      '^\\s+line\\s+(\\d+)\\s+col\\s+(\\d+)\\s+(.+?)(?:\\s+\\((\\w)(\\d+)\\))?$',
      'line column message severity code',
      { loop: true },
    ),
  ],
  'eslint-compact': pattern(
    '^(.+):\\sline\\s(\\d+),\\scol\\s(\\d+),\\s(Error|Warning|Info)\\s-\\s(.+)\\s\\((.+)\\)$',
    'file line column severity message code',
  ),
  'eslint-stylish': [
    pattern('^((?:[A-Za-z]:)*[./\\\\].*)$', 'file'),
    pattern(
      '^\\s+(\\d+):(\\d+)\\s+(error|warning|info)\\s+(.+?)(?:\\s\\s+(.*))?$',
      'line column severity message code',
      { loop: true },
    ),
  ],
};

/** The matchers that the editor itself names: what a tasks.json describes is often based on one. */
export const builtInMatchers: Readonly<Record<string, unknown>> = {
  msCompile: { owner: 'msCompile', source: 'cpp', fileLocation: 'absolute', pattern: '$msCompile' },
  'gulp-tsc': { owner: 'typescript', source: 'ts', applyTo: 'closedDocuments', pattern: '$gulp-tsc' },
  go: { owner: 'go', source: 'go', pattern: '$go' },
  lessCompile: { owner: 'lessCompile', source: 'less', fileLocation: 'absolute', pattern: '$lessCompile' },
  jshint: { owner: 'jshint', source: 'jshint', fileLocation: 'absolute', pattern: '$jshint' },
  'jshint-stylish': { owner: 'jshint', source: 'jshint', fileLocation: 'absolute', pattern: '$jshint-stylish' },
  'eslint-compact': { owner: 'eslint', source: 'eslint', fileLocation: 'absolute', pattern: '$eslint-compact' },
  'eslint-stylish': { owner: 'eslint', source: 'eslint', fileLocation: 'absolute', pattern: '$eslint-stylish' },
};
