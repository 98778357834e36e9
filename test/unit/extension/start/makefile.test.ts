import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { makeTargets } from '../../../../src/extension/start/makefile.ts';

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

  it('are no pattern rules, no special targets, and none whose name only make can know', () => {
    assert.deepEqual(names('.PHONY: all\n%.o: %.c\n.c.o:\n$(OBJECTS): x\n$(X) b: y\n.DEFAULT_GOAL := all\nall:'), [
      'all',
    ]);
  });

  it('are no variables, whatever sign sets them and wherever', () => {
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
});
