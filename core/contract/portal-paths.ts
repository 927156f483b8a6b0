import { commonHeaders } from "./portal-headers.ts";

/** What CloudFront tells the API: that a request came through it, and from which address. */
export const EDGE_HEADERS = { secret: "x-edge-secret", viewer: "x-viewer-address" } as const;

const closedHeaders = {
  "cache-control": { value: "no-store" },
  "strict-transport-security": { value: commonHeaders["strict-transport-security"] },
};
const redirectHeaders = { location: { value: "/app/" }, ...closedHeaders };

/** Where the built viewer of documents lies: at the documents' origin alone. */
export const DOCUMENTS_FOLDER = "/app/documents/";
/** Where a ticket is shown for a document's content: at the documents' origin alone. */
export const DOCUMENT_CONTENT_PATH = "/document-content";
/** The host of that origin begins so, and the portal's own does not. */
export const DOCUMENTS_HOST = "documents.";

/**
 * The code of the CloudFront function that sees each request first (runtime cloudfront-js-2.0), run by the local server
 * as well. The bare address leads to the portal, and a path below it that names no file is a screen: the one page.
 * Files lie in `assets/` or right below `/app/`; ids of records have dots, so that a dot alone makes no file.
 * The documents' origin has the viewer's files and the one route for tickets, and the portal's origin has neither: no
 * session begins at the one, and no patient's file is shown at the other.
 * Nothing is decoded and nothing is joined, so no path can lead out of where it stands. The API is told the address that
 * the request came from, over whatever the request says of that itself.
 */
export const VIEWER_REQUEST = `function handler(event) {
  var request = event.request;
  var uri = request.uri;
  var host = request.headers.host ? request.headers.host.value.toLowerCase() : "";
  var isDocuments = host.startsWith("${DOCUMENTS_HOST}");
  var isTheirs = uri.startsWith("${DOCUMENTS_FOLDER}") || uri === "${DOCUMENT_CONTENT_PATH}";
  if (isDocuments !== isTheirs) {
    return { statusCode: 404, statusDescription: "Not Found", headers: ${JSON.stringify(closedHeaders)} };
  }
  if (isDocuments && uri !== "${DOCUMENT_CONTENT_PATH}") return request;
  if (uri === "/" || uri === "/app") {
    return { statusCode: 302, statusDescription: "Found", headers: ${JSON.stringify(redirectHeaders)} };
  }
  if (uri.startsWith("/app/")) {
    var rest = uri.slice(5);
    var isFile = rest.startsWith("assets/") || (rest.includes(".") && !rest.includes("/"));
    if (!isFile) request.uri = "/app/index.html";
  }
  request.headers["${EDGE_HEADERS.viewer}"] = { value: event.viewer.ip };
  return request;
}
`;
