import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { makeTargets } from '../../../../src/extension/start/makeTargets.ts';

describe('The targets of a makefile', () => {
  const names = (text: string): string[] => makeTargets(text).map(({ name }) => name);

  it('are what its rules name, with what is said about them', () => {
    const text =
      'all: build test\n\nbuild: main.c ## Compile it\n\tcc: main.c\ntest::\n\techo a: b\nfast safe: build # not this\n';
    assert.deepEqual(makeTargets(text), [
      { name: 'all', description: 'build test', command: 'make all' },
      { name: 'build', description: 'Compile it', command: 'make build' },
      { name: 'test', description: '', command: 'make test' },
      { name: 'fast', description: 'build', command: 'make fast' },
      { name: 'safe', description: 'build', command: 'make safe' },
    ]);
  });

  it('exclude pattern rules, special targets and names that only make can know', () => {
    const text = '.PHONY: all\n%.o: %.c\n.c.o:\n$(OBJECTS): x\n.DEFAULT_GOAL := all\nall:';
    assert.deepEqual(names(text), ['all']);
  });

  it('exclude variables, however and wherever they are assigned', () => {
    const text =
      'A = b: c\nB := c\nC ::= d\nD :::= d\nE ?= e:f\nF += g:h\nG != date +%H:%M\nexport H := i\noverride I = j: k\n' +
      'debug: CFLAGS += -g\ndebug: override X := 1\nreal: A = b\nreal:\n';
    assert.deepEqual(names(text), ['real']);
  });

  it('are not looked for in directives', () => {
    assert.deepEqual(
      names('vpath %.c src:lib\nifeq (a:b,c)\nelse ifneq (a:b,c)\ninclude a:b.mk\nincluded: x\nload: y\n'),
      ['included', 'load'],
    );
  });

  it('are not looked for in recipes, conditions, definitions and comments', () => {
    const text =
      'ifeq ($(A),b: c)\nx: y\nelse ifdef B\nendif\n# no: comment\ndefine BODY\ninner: z\n\techo\nendef\ninclude other.mk\n' +
      '-include a.mk\nlong: a \\\n  b: \\\n  c\n\trecipe: x\n';
    assert.deepEqual(names(text), ['x', 'long']);
  });

  it('are named once, whatever the number of their rules, also grouped and with line ends of Windows', () => {
    assert.deepEqual(makeTargets('a: b\r\na: c\r\nx y &: z\r\n'), [
      { name: 'a', description: 'b', command: 'make a' },
      { name: 'x', description: 'z', command: 'make x' },
      { name: 'y', description: 'z', command: 'make y' },
    ]);
  });

  it('are quoted for the shell', () => {
    assert.equal(makeTargets("it's:\n")[0]?.command, "make 'it'\\''s'");
  });

  it('stand beside and behind variables of the same file', () => {
    const text =
      'DIR := out\nBIN = $(DIR)/app # the program\nLATE = $(NAME)\nNAME ?= one\nNAME += two\n' +
      'all $(EXTRA) $(BIN): x\n${LATE}: y\n$(D)r $D/x: z\nD = di\n$(D)r $D/x: z\n';
    assert.deepEqual(names(text), ['all', 'out/app', 'one', 'two', 'dir', 'di/x']);
  });

  it('are not guessed where a variable is a matter of conditions, of functions or of a shell', () => {
    const text =
      'ifeq ($(OS),Windows_NT)\n  EXE = app.exe\nelse\n  EXE = app\nendif\nSHELLED != echo a\nCALLED = $(shell echo b)\n' +
      'define TEXT\nc\nendef\nSELF = $(SELF)\nOBJ = a.c\n' +
      '$(EXE) $(SHELLED) $(CALLED) $(TEXT) $(OBJ:.c=.o) $(addprefix x/, $(sort a b) c) kept: d\n$(SELF): e\n';
    assert.deepEqual(names(text), ['kept']);
  });

  it('can be indented by blanks, as in conditions, but not by tabs', () => {
    const text =
      'ifdef B\n  first: x\n\techo not: this\n  else\n    second:\n\tnor: this\n  endif\n\tnor: that\n' +
      'A = third\n\tB = fourth\n\tnot: even this\n$(A) $(B):\n';
    assert.deepEqual(names(text), ['first', 'second', 'third', 'fourth']);
  });

  it('have recipes with the prefix that the makefile chooses', () => {
    const text =
      '.RECIPEPREFIX = >\nall:\n> echo no: target\n\tindented: all\n>nor: this\n.RECIPEPREFIX :=\nlast:\n\techo no: more\n';
    assert.deepEqual(names(text), ['all', 'indented', 'last']);
  });

  it('can have escaped blanks, colons, number signs and dollar signs', () => {
    assert.deepEqual(
      makeTargets('my\\ file.txt two: a\nc\\:d e\\#f:\ncost$$:\n').map(({ command }) => command),
      ["make 'my file.txt'", 'make two', 'make c:d', "make 'e#f'", "make 'cost$'"],
    );
  });

  it('take little time to be read, whatever stands in the file', () => {
    const line = `${'$(a)'.repeat(50)}${'\\ '.repeat(50)}${'$(b '.repeat(50)}`;
    const text = `A = $(A)$(A)\n$(A): x\n${`${line}\n`.repeat(100)}`;
    const start = performance.now();
    assert.deepEqual(names(text), []);
    assert.ok(performance.now() - start < 5000);
  });
});
