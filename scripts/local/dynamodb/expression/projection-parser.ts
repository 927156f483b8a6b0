import type { Path } from "./ast.ts";
import type { ExpressionNames } from "./names.ts";
import { ExpressionParser } from "./parser.ts";
import { pathClash, pathTree } from "./path.ts";
import type { PathTree } from "./path.ts";

const FAULT = { reserved: 0, undefined: 1, clash: 2 } as const;

class ProjectionParser extends ExpressionParser {
  parse(): Path[] {
    const paths: Path[] = [];
    do {
      const path = this.path(FAULT.reserved, FAULT.undefined);
      for (const other of paths) {
        const clash = pathClash(other, path);
        if (clash !== undefined) this.note(FAULT.clash, clash);
      }
      paths.push(path);
    } while (this.accept(","));
    this.finish();
    return paths;
  }
}

/** Parses a ProjectionExpression; throws ValidationException in AWS's words. */
export const parseProjection = (source: string, names: ExpressionNames): PathTree =>
  pathTree(new ProjectionParser("ProjectionExpression", source, names).parse());
