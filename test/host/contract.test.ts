import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalOpenApi } from '../helpers/canonicalOpenApi.ts';
import { canonicalSchema, mapValues, type Json, type JsonObject } from '../helpers/canonicalSchema.ts';
import { useHome } from '../helpers/cli.ts';
import { readHelp, type VerbHelp } from '../helpers/commandHelp.ts';
import { assertContract } from '../helpers/contract.ts';
import { McpClient } from '../helpers/mcp.ts';
import { Serving } from '../helpers/serve.ts';

/** What other programs rely on, as version 0.2.0 has it. */
describe('the contract', () => {
  const home = useHome();

  it('of HTTP: the OpenAPI document', async () => {
    await using serving = await Serving.start(home);
    const { status, value } = await serving.ask('GET', '/openapi.json');
    assert.equal(status, 200);
    assertContract('openApi', canonicalOpenApi(value as JsonObject));
  });

  it('of MCP: tools with what they take, and resources', async () => {
    await using mcp = await McpClient.stdio(home, 'modern');
    const { tools } = await mcp.client.listTools();
    const { resourceTemplates } = await mcp.client.listResourceTemplates();
    const described = tools.map(({ name, inputSchema, annotations = {} }) => {
      const { title: _text, ...hints } = annotations;
      return [name, { input: canonical(inputSchema as Json), hints }] as const;
    });
    assertContract('mcp', {
      tools: Object.fromEntries(described) as JsonObject,
      resources: resourceTemplates.map(({ name, uriTemplate, mimeType = null }) => ({ name, uriTemplate, mimeType })),
    });
  });

  it('of the editor: tools, settings, tasks, commands and views', () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as Manifest;
    const { languageModelTools, configuration, taskDefinitions, commands, views, mcpServerDefinitionProviders } =
      manifest.contributes;
    const tools = languageModelTools.map(({ name, toolReferenceName, inputSchema, canBeReferencedInPrompt, when }) => [
      name,
      { toolReferenceName, canBeReferencedInPrompt, when, input: canonical(inputSchema) },
    ]);
    assertContract('editor', {
      tools: Object.fromEntries(tools) as JsonObject,
      settings: mapValues(
        Object.assign({}, ...configuration.map(({ properties }) => properties)) as JsonObject,
        canonical,
      ),
      tasks: taskDefinitions.map(canonical),
      commands: commands.map(({ command }) => command).sort(),
      views: Object.values(views).flatMap((group) => group.map(({ id }) => id)),
      mcpServers: mcpServerDefinitionProviders.map(({ id }) => id),
    });
  });

  it('of bgjobs: its verbs and options', async () => {
    const found: Record<string, VerbHelp> = {};
    const read = async (...words: string[]): Promise<void> => {
      const { code, stdout } = await home.bgjobs([...words, '--help']);
      assert.equal(code, 0, words.join(' '));
      const help = (found[['bgjobs', ...words].join(' ')] = readHelp(stdout));
      assert.ok('-h, --help' in help.options, stdout);
      for (const [verb = ''] of help.verbs.map((term) => /^[\w-]+/.exec(term) ?? [])) {
        if (verb !== 'help') await read(...words, verb);
      }
    };
    await read();
    assertContract('commandLine', found as unknown as JsonObject);
  });
});

interface Manifest {
  readonly contributes: {
    readonly languageModelTools: readonly (Record<'name' | 'toolReferenceName', string> & JsonObject)[];
    readonly configuration: readonly { readonly properties: JsonObject }[];
    readonly taskDefinitions: readonly Json[];
    readonly commands: readonly { command: string }[];
    readonly views: Record<string, { id: string }[]>;
    readonly mcpServerDefinitionProviders: readonly { id: string }[];
  };
}

function canonical(schema: Json | undefined): Json {
  return schema === undefined ? null : canonicalSchema(schema, schema);
}
