import { afterAll, describe, expect, it } from "vitest";
import { archiveBucket } from "../../core/iam/index.ts";
