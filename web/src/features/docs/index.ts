/** The documentation of the API, made from the server's own OpenAPI document. A page of its own, not part of the client. */
export type { Document as ApiDocument } from './openapi';
export { DocsPage, type DocsPageProps } from './page';
