import { expect, test } from 'vitest';
import {
  addressOf,
  answerType,
  bodyOf,
  curlOf,
  type Document,
  exampleOf,
  fieldsOf,
  framesOf,
  groupsOf,
  typeOf,
} from './openapi';

const DOC: Document = {
  info: { title: 'T', version: '1' },
  security: [{ bearer: [] }, { cookie: [] }],
  paths: {
    '/api/server': {
      get: { tags: ['server'], summary: 'Facts', operationId: 'server', security: [{}], responses: { '200': {} } },
    },
    '/api/rooms/{id}': {
      put: {
        tags: ['rooms'],
        summary: 'Change',
        operationId: 'rooms_edit',
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'integer' } },
          { name: 'limit', in: 'query', schema: { type: 'integer' } },
        ],
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Edit' } } } },
        responses: { '200': { content: { 'application/json': { schema: { $ref: '#/components/schemas/Success' } } } } },
      },
    },
  },
  components: {
    schemas: {
      Edit: {
        type: 'object',
        required: ['name'],
        properties: { color: { type: ['string', 'null'] }, name: { type: 'string' } },
      },
      Room: {
        type: 'object',
        required: ['id', 'role'],
        properties: {
          id: { type: 'integer' },
          role: { $ref: '#/components/schemas/Role' },
          last: { oneOf: [{ $ref: '#/components/schemas/Room', description: 'The one before.' }, { type: 'null' }] },
          seen: { type: 'string', format: 'date-time' },
          counts: { type: 'object', additionalProperties: { type: 'integer' } },
        },
      },
      Role: { type: 'string', enum: ['member', 'owner'] },
      Success: {
        type: 'object',
        required: ['code', 'data'],
        properties: {
          code: { type: 'integer' },
          data: { type: 'array', items: { $ref: '#/components/schemas/Room' } },
        },
      },
      Join: {
        type: 'object',
        description: 'Subscribe.',
        required: ['room_id'],
        properties: { room_id: { type: 'integer' } },
      },
      ClientFrame: {
        oneOf: [
          {
            allOf: [
              { $ref: '#/components/schemas/Join' },
              { type: 'object', required: ['type'], properties: { type: { type: 'string', enum: ['join'] } } },
            ],
          },
        ],
      },
    },
  },
};

const schema = (name: string) => ({ $ref: `#/components/schemas/${name}` });

test('calls are grouped by tag and know whether they need a login', () => {
  const groups = groupsOf(DOC);
  expect(groups.map((group) => group.name)).toEqual(['server', 'rooms']);
  expect(groups[0]?.operations[0]?.credentials).toEqual([]);
  expect(groups[1]?.operations[0]?.credentials).toEqual(['bearer', 'cookie']);
});

test('types are words', () => {
  const types = Object.fromEntries(fieldsOf(DOC, schema('Room')).map((field) => [field.name, field.type]));
  expect(types).toEqual({
    id: 'integer',
    role: '"member" | "owner"',
    last: 'Room',
    seen: 'time',
    counts: 'map of integer',
  });
  expect(typeOf(DOC, { type: 'array', items: schema('Room') })).toBe('[Room]');
  expect(answerType(DOC, schema('Success'))).toBe('data: [Room]');
});

test('required fields come first, and a sentence inside an optional reference is found', () => {
  const fields = fieldsOf(DOC, schema('Room'));
  expect(fields.map((field) => field.required)).toEqual([true, true, false, false, false]);
  expect(fields.find((field) => field.name === 'last')?.description).toBe('The one before.');
});

test('an example of something that holds itself comes to an end', () => {
  expect(exampleOf(DOC, schema('Room'))).toMatchObject({ id: 1, role: 'member', last: { id: 1, role: 'member' } });
});

test('a body starts with what must be there', () => {
  expect(bodyOf(DOC, schema('Edit'))).toEqual({ name: 'design' });
});

test('a frame is its fields and its type', () => {
  const [frame] = framesOf(DOC, 'ClientFrame');
  expect(frame?.type).toBe('join');
  expect(frame?.description).toBe('Subscribe.');
  expect(fieldsOf(DOC, frame?.schema ?? {}).map((field) => field.name)).toEqual(['room_id', 'type']);
});

test('an address takes its values and leaves out empty ones', () => {
  const operation = groupsOf(DOC)[1]?.operations[0];
  if (!operation) throw new Error('the call is missing');
  expect(addressOf(operation, { id: 'a/b', limit: '' })).toBe('/api/rooms/a%2Fb');
  expect(addressOf(operation, { id: '1', limit: '5' })).toBe('/api/rooms/1?limit=5');
});

test('the command line survives a quote', () => {
  const operation = groupsOf(DOC)[1]?.operations[0];
  if (!operation) throw new Error('the call is missing');
  const command = curlOf(operation, '/api/rooms/1', 'http://x', `{"name":"it's"}`, true);
  expect(command).toContain(`-d '{"name":"it'\\''s"}'`);
  expect(command).toContain('curl -X PUT');
});
