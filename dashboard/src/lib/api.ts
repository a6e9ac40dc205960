// Requests to the server: JSON in, JSON out, one kind of error whatever API answered.

/** What a request's query may hold; what is undefined or empty is left out. */
export type Query = Record<string, string | number | boolean | undefined>;

/** An address that answers a `T` to a GET. */
export type Path<T> = string & { readonly answers?: T };

/** A request that failed: its HTTP status (0: the server was not reached), a sentence for people, a code. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code = "",
    readonly retryAfterS = 0,
  ) {
    super(message);
  }

  /** Whether signing in again would help. */
  get isSignedOut(): boolean {
    return this.status === 401;
  }
}

/** The address with its query. */
export function path<T>(base: string, query: Query = {}): Path<T> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${base}?${text}` : base;
}

/** A part of an address, whatever characters it has. */
export const part = (text: string): string => encodeURIComponent(text);

export interface RequestOptions {
  method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  body?: unknown;
  signal?: AbortSignal;
}

let shareToken = "";
let signedOut: () => void = () => undefined;

/** What to do when a request is refused because nobody is signed in any more. */
export function onSignedOut(handler: () => void): void {
  signedOut = handler;
}

/** From now on this share link's token goes with every request; cookies are not sent from a frame in another site. */
export function setShareToken(token: string): void {
  shareToken = token;
}

/** The answer of a request. Throws ApiError; DOMException AbortError when it was aborted. */
export async function request<T>(address: Path<T>, { method = "GET", body, signal }: RequestOptions = {}): Promise<T> {
  const headers: Record<string, string> = { "x-footfall": "1", accept: "application/json" };
  if (shareToken) headers["x-umami-share-token"] = shareToken;
  if (body !== undefined) headers["content-type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(address, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
      credentials: "same-origin",
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "", "unreachable");
  }
  if (response.status === 401 && !address.startsWith("/dashboard/")) signedOut();
  if (!response.ok) throw await failure(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** An answer that goes on, such as a stream of events. Throws as `request` does. */
export async function open(address: string, accept: string, signal: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { "x-footfall": "1", accept };
  if (shareToken) headers["x-umami-share-token"] = shareToken;
  const response = await fetch(address, { headers, signal, credentials: "same-origin" });
  if (!response.ok) throw await failure(response);
  return response;
}

async function failure(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const { message, code } = explain(body);
  const retryAfter = Number(response.headers.get("retry-after") ?? 0);
  return new ApiError(response.status, message || response.statusText, code, retryAfter);
}

/**
 * The message and code of an error's body. OpenPanel: `{status, error, message, details}`, where the details of a
 * 400 say more than its message; Umami 3: `{error: {message, code, …}}`; Umami 2: `{error: text | texts}`.
 */
export function explain(body: unknown): { message: string; code: string } {
  if (!isObject(body)) return { message: "", code: "" };
  const { error, message, details } = body;
  if (isObject(error)) {
    const fields = isObject(error.properties) ? Object.entries(error.properties).flatMap(umamiIssue) : [];
    return { message: fields.join("; ") || text(error.message), code: text(error.code) };
  }
  const issues = Array.isArray(details) ? details : isObject(details) && Array.isArray(details.issues) ? details.issues : [];
  const said = issues.map((issue) => (isObject(issue) ? text(issue.message) : "")).filter(Boolean);
  const whole = Array.isArray(error) ? error.map(String).join("; ") : text(error);
  return { message: said.join("; ") || text(message) || whole, code: text(body.code) || (message ? whole : "") };
}

function umamiIssue([field, value]: [string, unknown]): string[] {
  const errors = isObject(value) && Array.isArray(value.errors) ? value.errors : Array.isArray(value) ? value : [];
  return errors.map((each) => `${field}: ${String(each)}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
