/** Reads an OpenAPI 3.1 document the way a person does: groups of calls, fields, types in words, examples. Pure; draws nothing. */

export interface Schema {
  $ref?: string;
  type?: string | string[];
  title?: string;
  description?: string;
  format?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  examples?: unknown[];
  example?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header' | 'cookie';
  description?: string;
  required?: boolean;
  schema?: Schema;
}

interface Body {
  content?: Record<string, { schema?: Schema }>;
  required?: boolean;
  description?: string;
}

interface RawOperation {
  tags?: string[];
  summary?: string;
  description?: string;
  operationId?: string;
  parameters?: Parameter[];
  requestBody?: Body;
  responses?: Record<string, Body>;
  security?: Record<string, string[]>[];
}

export interface Document {
  info: { title: string; version: string; description?: string };
  paths?: Record<string, Record<string, RawOperation>>;
  components?: { schemas?: Record<string, Schema> };
  security?: Record<string, string[]>[];
  tags?: { name: string; description?: string }[];
}

export interface Operation {
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string | undefined;
  parameters: readonly Parameter[];
  body: Schema | undefined;
  responses: readonly {
    status: string;
    schema: Schema | undefined;
    media: string | undefined;
    description: string | undefined;
  }[];
  /** What opens it; empty for everybody. */
  credentials: readonly string[];
}

export interface Group {
  name: string;
  description: string | undefined;
  operations: readonly Operation[];
}

export interface Field {
  name: string;
  type: string;
  required: boolean;
  description: string | undefined;
  /** Has fields of its own. */
  inner: Schema | undefined;
}

const METHODS = ['get', 'head', 'options', 'post', 'put', 'patch', 'delete'];
const REF = '#/components/schemas/';

/** The name of the schema this one points to. */
export function nameOfRef(schema: Schema): string | undefined {
  return schema.$ref?.startsWith(REF) ? schema.$ref.slice(REF.length) : undefined;
}

/** Follows references, joins `allOf`, drops the `null` of an optional value. */
export function resolve(doc: Document, schema: Schema, seen = 0): Schema {
  if (seen > 8) return {};
  if (schema.$ref !== undefined) {
    const target = doc.components?.schemas?.[nameOfRef(schema) ?? ''] ?? {};
    const { $ref: _, ...beside } = schema;
    return { ...resolve(doc, target, seen + 1), ...beside };
  }
  if (schema.allOf) {
    const parts = schema.allOf.map((part) => resolve(doc, part, seen + 1));
    const { allOf: _, ...beside } = schema;
    const merged: Schema = {
      type: 'object',
      properties: Object.assign({}, ...parts.map((part) => part.properties ?? {})),
      required: parts.flatMap((part) => part.required ?? []),
      ...beside,
    };
    const description = schema.description ?? parts.find((part) => part.description)?.description;
    return description === undefined ? merged : { ...merged, description };
  }
  const choices = (schema.oneOf ?? schema.anyOf)?.filter((choice) => choice.type !== 'null');
  if (choices?.length === 1 && choices[0]) {
    const { oneOf: _one, anyOf: _any, ...beside } = schema;
    return { ...resolve(doc, choices[0], seen + 1), ...beside };
  }
  return schema;
}

function mainType(schema: Schema): string | undefined {
  const { type } = schema;
  return Array.isArray(type) ? type.find((one) => one !== 'null') : type;
}

const quoted = (value: unknown) => (typeof value === 'string' ? `"${value}"` : JSON.stringify(value));

/** The type in words: `integer`, `[Message]`, `"member" | "admin"`. */
export function typeOf(doc: Document, schema: Schema): string {
  const choices = (schema.oneOf ?? schema.anyOf)?.filter((choice) => choice.type !== 'null');
  if (choices && choices.length > 0) return [...new Set(choices.map((choice) => typeOf(doc, choice)))].join(' | ');
  const full = resolve(doc, schema);
  if (full.const !== undefined) return quoted(full.const);
  if (full.enum)
    return full.enum
      .filter((value) => value !== null)
      .map(quoted)
      .join(' | ');
  const type = mainType(full);
  if (type === 'array') return `[${full.items ? typeOf(doc, full.items) : 'any'}]`;
  const name = nameOfRef(schema);
  if (name !== undefined && (type === 'object' || full.properties)) return name;
  if (typeof full.additionalProperties === 'object') return `map of ${typeOf(doc, full.additionalProperties)}`;
  if (type === 'string' && full.format === 'date-time') return 'time';
  return type ?? (full.properties ? 'object' : 'any');
}

/** The fields of an object, or of the objects in an array; required ones first. */
export function fieldsOf(doc: Document, schema: Schema): Field[] {
  const full = resolve(doc, schema);
  if (mainType(full) === 'array' && full.items) return fieldsOf(doc, full.items);
  const required = new Set(full.required ?? []);
  return Object.entries(full.properties ?? {})
    .map(([name, part]) => ({
      name,
      type: typeOf(doc, part),
      required: required.has(name),
      description: part.description ?? innerDescription(doc, part),
      inner: hasFields(doc, part) ? part : undefined,
    }))
    .sort((a, b) => Number(b.required) - Number(a.required));
}

/** The generator puts the sentence about an optional reference inside its choice. */
function innerDescription(doc: Document, schema: Schema): string | undefined {
  const choice = (schema.oneOf ?? schema.anyOf)?.find((one) => one.type !== 'null');
  return choice ? (choice.description ?? undefined) : resolve(doc, schema).description;
}

export function hasFields(doc: Document, schema: Schema): boolean {
  const full = resolve(doc, schema);
  if (mainType(full) === 'array') return full.items ? hasFields(doc, full.items) : false;
  return Object.keys(full.properties ?? {}).length > 0;
}

const SAMPLES: Record<string, unknown> = {
  username: 'maya',
  email: 'maya@example.com',
  password: 'four unrelated plain words',
  current_password: 'what it was until now',
  new_password: 'four unrelated plain words',
  display_name: 'Maya Lindqvist',
  content: 'Hello, 你好',
  name: 'design',
  description: 'How it looks and why',
  status_text: 'At my desk until five',
  client_id: '8d0c1e0a-6a51-4bd8-9b5e-0c1f6f6f2a11',
  epoch: 1,
  seq: 128,
  role: 'member',
  locale: 'en',
  theme: 'system',
  message: 'success',
  code: 200,
};

/** A value such as one would see. `name` of the field helps to find a telling one. */
export function exampleOf(doc: Document, schema: Schema, name = '', depth = 0): unknown {
  const full = resolve(doc, schema);
  if (full.example !== undefined) return full.example;
  if (full.examples?.[0] !== undefined) return full.examples[0];
  if (full.const !== undefined) return full.const;
  if (full.enum) return full.enum[0];
  const choice = (full.oneOf ?? full.anyOf)?.find((one) => one.type !== 'null');
  if (choice) return exampleOf(doc, choice, name, depth);
  const type = mainType(full);
  if (type === 'array') return full.items && depth < 5 ? [exampleOf(doc, full.items, name, depth + 1)] : [];
  if (type === 'object' || full.properties) {
    if (typeof full.additionalProperties === 'object')
      return { '1': exampleOf(doc, full.additionalProperties, 'seq', depth + 1) };
    const required = new Set(full.required ?? []);
    const entries = Object.entries(full.properties ?? {});
    // Deep down only what is always there: a message quotes a message quotes a message.
    const shown = depth === 0 ? entries : entries.filter(([key]) => required.has(key));
    return depth > 5 ? {} : Object.fromEntries(shown.map(([key, part]) => [key, exampleOf(doc, part, key, depth + 1)]));
  }
  const sample = SAMPLES[name];
  if (sample !== undefined && typeof sample === (type === 'integer' ? 'number' : type)) return sample;
  if (full.default !== undefined && full.default !== null && full.default !== '') return full.default;
  switch (type) {
    case 'integer':
    case 'number':
      return Math.max(full.minimum ?? 1, 1);
    case 'boolean':
      return false;
    case 'string':
      return full.format === 'date-time' ? '2026-07-03T15:30:00.123Z' : '';
    default:
      return null;
  }
}

/** A body to start from: what must be there, or everything where nothing must. */
export function bodyOf(doc: Document, schema: Schema): unknown {
  const required = resolve(doc, schema).required ?? [];
  const full = exampleOf(doc, schema);
  if (required.length === 0 || typeof full !== 'object' || full === null) return full;
  return Object.fromEntries(Object.entries(full).filter(([name]) => required.includes(name)));
}

/** The type of an answer: what is inside the envelope, where there is one. */
export function answerType(doc: Document, schema: Schema): string {
  const data = resolve(doc, schema).properties?.data;
  return data ? `data: ${typeOf(doc, data)}` : typeOf(doc, schema);
}

function jsonSchema(body: Body | undefined): Schema | undefined {
  return body?.content?.['application/json']?.schema;
}

/** The calls by their tag, in the order the document first names each. */
export function groupsOf(doc: Document): Group[] {
  const groups = new Map<string, Operation[]>();
  for (const tag of doc.tags ?? []) groups.set(tag.name, []);
  for (const [path, item] of Object.entries(doc.paths ?? {})) {
    for (const method of METHODS) {
      const raw = item[method];
      if (!raw) continue;
      const tag = raw.tags?.[0] ?? 'other';
      const list = groups.get(tag) ?? [];
      groups.set(tag, list);
      list.push(operationOf(doc, method, path, raw));
    }
  }
  const told = new Map((doc.tags ?? []).map((tag) => [tag.name, tag.description]));
  return [...groups]
    .filter(([, operations]) => operations.length > 0)
    .map(([name, operations]) => ({ name, description: told.get(name), operations }));
}

function operationOf(doc: Document, method: string, path: string, raw: RawOperation): Operation {
  const security = raw.security ?? doc.security ?? [];
  const open = security.length === 0 || security.some((one) => Object.keys(one).length === 0);
  return {
    id: raw.operationId ?? `${method}-${path}`.replace(/\W+/g, '-'),
    method,
    path,
    summary: raw.summary ?? path,
    description: raw.description,
    parameters: raw.parameters ?? [],
    body: jsonSchema(raw.requestBody),
    responses: Object.entries(raw.responses ?? {}).map(([status, response]) => ({
      status,
      schema: jsonSchema(response),
      media: Object.keys(response.content ?? {})[0],
      description: response.description || undefined,
    })),
    credentials: open ? [] : security.flatMap((one) => Object.keys(one)),
  };
}

export interface Frame {
  type: string;
  description: string | undefined;
  schema: Schema;
}

/** The variants of a tagged union of frames. */
export function framesOf(doc: Document, union: string): Frame[] {
  const variants = doc.components?.schemas?.[union]?.oneOf ?? [];
  return variants.flatMap((schema) => {
    const full = resolve(doc, schema);
    const tag = full.properties?.type;
    const type = tag?.const ?? tag?.enum?.[0];
    return typeof type === 'string' ? [{ type, description: full.description, schema: full }] : [];
  });
}

/** The path with its parameters filled in, and those of the query that have a value. */
export function addressOf(operation: Operation, values: Readonly<Record<string, string>>): string {
  let path = operation.path;
  const query = new URLSearchParams();
  for (const parameter of operation.parameters) {
    const value = values[parameter.name] ?? '';
    if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, encodeURIComponent(value));
    else if (parameter.in === 'query' && value !== '') query.set(parameter.name, value);
  }
  const search = query.toString();
  return search === '' ? path : `${path}?${search}`;
}

/** The call as a shell command. */
export function curlOf(
  operation: Operation,
  address: string,
  origin: string,
  body: string | undefined,
  bearer: boolean,
): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const parts = ['curl'];
  if (operation.method !== 'get') parts.push('-X', operation.method.toUpperCase());
  parts.push(quote(origin + address));
  const lines = [parts.join(' ')];
  if (operation.credentials.length > 0)
    lines.push(bearer ? `-H "Authorization: Bearer $TOKEN"` : `-b cookies.txt -H ${quote(`Origin: ${origin}`)}`);
  if (body !== undefined) lines.push(`-H 'Content-Type: application/json'`, `-d ${quote(body)}`);
  return lines.join(' \\\n  ');
}
