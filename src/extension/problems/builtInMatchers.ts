/** The patterns that the editor itself names, for what compilers and linters write. */
export const builtInPatterns: Readonly<Record<string, unknown>> = {
  msCompile: {
    regexp:
      '^\\s*(?:\\d+>)?(\\S.*?)\\((\\d+(?:,\\d+){0,3})\\)\\s*:\\s+(?:fatal +)?(error|warning|info)\\s+(\\w+)\\s*:\\s*(.*)$',
    kind: 'location',
    file: 1,
    location: 2,
    severity: 3,
    code: 4,
    message: 5,
  },
  'gulp-tsc': {
    regexp: '^(\\S.*)\\((\\d+(?:,\\d+){0,3})\\):\\s+(\\d+)\\s+(.*)$',
    file: 1,
    location: 2,
    code: 3,
    message: 4,
  },
  go: { regexp: '^((?:[A-Za-z]:)?[^:]+):(\\d+)(?::(\\d+))?: (.+)$', file: 1, line: 2, column: 3, message: 4 },
  lessCompile: { regexp: '^\\s*(.*) in file (.*) line no\\. (\\d+)$', message: 1, file: 2, location: 3 },
  jshint: {
    regexp: '^(.*):\\s+line\\s+(\\d+),\\s+col\\s+(\\d+),\\s+(.+?)(?:\\s+\\((\\w)(\\d+)\\))?$',
    file: 1,
    line: 2,
    column: 3,
    message: 4,
    severity: 5,
    code: 6,
  },
  'jshint-stylish': [
    { regexp: '^(\\S.*)$', file: 1 },
    {
      regexp: '^\\s+line\\s+(\\d+)\\s+col\\s+(\\d+)\\s+(.+?)(?:\\s+\\((\\w)(\\d+)\\))?$',
      line: 1,
      column: 2,
      message: 3,
      severity: 4,
      code: 5,
      loop: true,
    },
  ],
  'eslint-compact': {
    regexp: '^(.+):\\sline\\s(\\d+),\\scol\\s(\\d+),\\s(Error|Warning|Info)\\s-\\s(.+)\\s\\((.+)\\)$',
    file: 1,
    line: 2,
    column: 3,
    severity: 4,
    message: 5,
    code: 6,
  },
  'eslint-stylish': [
    { regexp: '^((?:[A-Za-z]:)?[./\\\\]*\\S.*)$', file: 1 },
    {
      regexp: '^\\s+(\\d+):(\\d+)\\s+(error|warning|info)\\s+(.+?)(?:\\s\\s+(.*))?$',
      line: 1,
      column: 2,
      severity: 3,
      message: 4,
      code: 5,
      loop: true,
    },
  ],
};

/** The matchers that the editor itself names: what a tasks.json describes is often based on one. */
export const builtInMatchers: Readonly<Record<string, unknown>> = {
  msCompile: { owner: 'msCompile', fileLocation: 'absolute', pattern: '$msCompile' },
  'gulp-tsc': { owner: 'typescript', source: 'ts', applyTo: 'closedDocuments', pattern: '$gulp-tsc' },
  go: { owner: 'go', source: 'go', pattern: '$go' },
  lessCompile: { owner: 'lessCompile', source: 'less', fileLocation: 'absolute', pattern: '$lessCompile' },
  jshint: { owner: 'jshint', source: 'jshint', fileLocation: 'absolute', pattern: '$jshint' },
  'jshint-stylish': { owner: 'jshint', source: 'jshint', fileLocation: 'absolute', pattern: '$jshint-stylish' },
  'eslint-compact': { owner: 'eslint', source: 'eslint', fileLocation: 'absolute', pattern: '$eslint-compact' },
  'eslint-stylish': { owner: 'eslint', source: 'eslint', fileLocation: 'absolute', pattern: '$eslint-stylish' },
};
