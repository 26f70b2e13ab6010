/** The API reference at /docs: a reader of our own OpenAPI document, served from our own origin. */
import "openapi-explorer";
