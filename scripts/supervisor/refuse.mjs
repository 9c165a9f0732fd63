import { randomUUID } from "node:crypto";
import http from "node:http";

/** Answers in the words of the API what does not get as far as the API. */
export function refuse(request, response, status, code, detail) {
  const { headers, body } = problem(status, code, detail);
  const close = request.complete ? {} : { connection: "close" }; // nobody reads the rest of its body
  response.writeHead(status, { ...headers, ...close });
  response.end(body);
}

/** What is no HTTP never becomes a request: it is answered on the bare connection. */
export function refuseUnread(socket, status) {
  if (!socket.writable) return socket.destroy();
  const { headers, body } = problem(status, "request_malformed", "this is not a well-formed HTTP request");
  const lines = Object.entries({ ...headers, connection: "close" }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`);
}

function problem(status, code, detail) {
  const requestId = `req_${randomUUID().replaceAll("-", "")}`;
  const retryable = status === 503;
  const title = http.STATUS_CODES[status];
  const ids = { instance: "/", code, request_id: requestId };
  const body = JSON.stringify({
    type: `https://arcrun.dev/errors/${code}`,
    title,
    status,
    detail,
    ...ids,
    retryable,
    success: false,
    error: detail,
  });
  const headers = { "content-type": "application/problem+json", "content-length": Buffer.byteLength(body), "x-request-id": requestId };
  return { body, headers: retryable ? { ...headers, "retry-after": "1" } : headers };
}
