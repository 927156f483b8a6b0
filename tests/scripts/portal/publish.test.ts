import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { GetObjectCommand, ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCloud, type Cloud } from "../../../scripts/local/front/index.ts";
import { publishPortal } from "../../../scripts/portal/publish.ts";

const BUCKET = "keyward-dev-portal-111122223333";
const folder = mkdtempSync(path.join(tmpdir(), "keyward-publish-"));
const put = (name: string, text: string): void => {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
};
let cloud: Cloud;
let s3: S3Client;

beforeAll(async () => {
  cloud = await createCloud();
  cloud.s3.putBucket({ name: BUCKET, versioning: "Enabled" });
  const { accessKeyId, secretAccessKey } = cloud.rootCredentials;
  s3 = new S3Client({
    region: cloud.region,
    endpoint: cloud.endpoint,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
});
afterAll(async () => {
  s3.destroy();
  await cloud.close();
  rmSync(folder, { recursive: true, force: true });
});

const versions = async (): Promise<string[]> => {
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET }));
  return Versions.map(({ Key = "" }) => Key).toSorted();
};

describe("INF-5 publishing the portal", () => {
  it("puts every file under its path, with its type", async () => {
    put("index.html", "<!doctype html>one");
    put("icon.svg", "<svg/>");
    put("assets/index-1.js", "one");
    expect(await publishPortal(s3, BUCKET, folder)).toBe(3);
    expect(await versions()).toEqual(["app/assets/index-1.js", "app/icon.svg", "app/index.html"]);
    const page = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: "app/index.html" }));
    expect(page.ContentType).toBe("text/html; charset=utf-8");
    // CloudFront's policy says it for every file.
    expect(page.CacheControl).toBeUndefined();
    expect(await page.Body?.transformToString()).toBe("<!doctype html>one");
  });

  it("a new build leaves the files of the last for whoever has it open, and puts none twice", async () => {
    put("index.html", "<!doctype html>two");
    put("assets/index-2.js", "two");
    expect(await publishPortal(s3, BUCKET, folder)).toBe(3);
    expect(await versions()).toEqual([
      "app/assets/index-1.js",
      "app/assets/index-2.js",
      "app/icon.svg",
      "app/icon.svg",
      "app/index.html",
      "app/index.html",
    ]);
  });

  it("a folder without a page, or with a file of no known type, is not published", async () => {
    await expect(publishPortal(s3, BUCKET, path.join(folder, "assets"))).rejects.toThrow("no portal is built");
    put("assets/notes.docx", "");
    await expect(publishPortal(s3, BUCKET, folder)).rejects.toThrow("no known type");
  });
});
