import { commonHeaders } from "./portal-headers.ts";

/** What CloudFront tells the API: that a request came through it, and from which address. */
export const EDGE_HEADERS = { secret: "x-edge-secret", viewer: "x-viewer-address" } as const;

const redirectHeaders = {
  location: { value: "/app/" },
  "cache-control": { value: "no-store" },
  "strict-transport-security": { value: commonHeaders["strict-transport-security"] },
};

/**
 * The code of the CloudFront function that sees each request first (runtime cloudfront-js-2.0), run by the local server
 * as well. The bare address leads to the portal, and a path below it that names no file is a screen: the one page.
 * Files lie in `assets/` or right below `/app/`; ids of records have dots, so that a dot alone makes no file.
 * Nothing is decoded and nothing is joined, so no path can lead out of where it stands. The API is told the address that
 * the request came from, over whatever the request says of that itself.
 */
export const VIEWER_REQUEST = `function handler(event) {
  var request = event.request;
  var uri = request.uri;
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
