import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type S3ServiceException,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { describe, expect, it } from "vitest";
import { archiveBucketName } from "../../../core/iam/index.ts";
import type { Hands } from "../aws.ts";
import { newTestId, SITE } from "../world.ts";
import { attachment, ATTACHMENTS as Bucket, type Probe, probes, type Use } from "./scene.ts";
import { get, signedGet } from "./wire.ts";

const DENIED = "AccessDenied";

const read = ({ s3 }: Hands, Key: string) => s3.send(new GetObjectCommand({ Bucket, Key }));
const create = ({ s3 }: Hands, Key: string) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: "x", IfNoneMatch: "*" }));
const presigned = ({ s3 }: Hands, Key: string): Promise<string> =>
  getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn: 300 });

/** Keys that try to leave A's prefix. S3 resolves none of them: each is a name, and not the name of B's object. */
const tricks = (a: string, b: string): readonly string[] => [
  `t/${b}/C/scan.pdf`,
  `/t/${b}/C/scan.pdf`,
  `t//${b}/C/scan.pdf`,
  `t/${a}/../${b}/C/scan.pdf`,
  `t/${a}/C/../../${b}/C/scan.pdf`,
  `t/${a}/C/./../../${b}/C/scan.pdf`,
  `t/${a}%2f..%2f${b}/C/scan.pdf`,
  `t/${a}/C/%2e%2e/%2e%2e/${b}/C/scan.pdf`,
  `t/${a}/C/..%2f..%2f${b}/C/scan.pdf`,
  `t\\${b}\\C\\scan.pdf`,
  `t/${a}/C\\..\\..\\${b}\\C\\scan.pdf`,
  `t/${a}\u0000/../${b}/C/scan.pdf`,
  `t/${a.toUpperCase()}/C/scan.pdf`,
  `T/${a}/C/scan.pdf`,
  `t/${a}x/C/scan.pdf`,
  `t/${a.slice(0, -1)}/C/scan.pdf`,
  `t/${a}/c/scan.pdf`,
  `t/${a}/CC/scan.pdf`,
  `t/*/C/scan.pdf`,
  `t/${"?".repeat(26)}/C/scan.pdf`,
  `t/\${aws:PrincipalTag/tenant}/C/scan.pdf`,
];

export function objectPrefixes(use: Use): void {
  const B_TEXT = "attachment of class";
  const rows: Probe[] = [
    ["GetObject of B's", DENIED, ({ own, b }) => read(own, attachment(b, "C"))],
    [
      "GetObject of a version of B's",
      DENIED,
      ({ own, b, world }) => {
        const Key = attachment(b, "C");
        const version = [...world.stack.cloud.s3.dumpObjects(Bucket)].find((object) => object.key === Key);
        return own.s3.send(new GetObjectCommand({ Bucket, Key, VersionId: version?.versionId }));
      },
    ],
    [
      "GetObjectTagging of B's",
      DENIED,
      ({ own, b }) => own.s3.send(new GetObjectTaggingCommand({ Bucket, Key: attachment(b, "C") })),
    ],
    ["PutObject among B's", DENIED, ({ own, b }) => create(own, attachment(b, "C", newTestId()))],
    ["PutObject over B's", DENIED, ({ own, b }) => create(own, attachment(b, "C"))],
    ["GetObject of a class that the session has not", DENIED, ({ own, a }) => read(own, attachment(a, "S"))],
    ["PutObject of no class", DENIED, ({ own, a }) => create(own, `t/${a}/scan.pdf`)],
    ["PutObject of no tenant", DENIED, ({ own }) => create(own, "scan.pdf")],
    [
      "PutObject without If-None-Match, which would replace",
      DENIED,
      ({ own, a }) => own.s3.send(new PutObjectCommand({ Bucket, Key: attachment(a, "C", newTestId()), Body: "x" })),
    ],
    [
      "CopyObject of B's to A's",
      DENIED,
      ({ own, a, b }) =>
        own.s3.send(
          new CopyObjectCommand({
            Bucket,
            Key: attachment(a, "C", newTestId()),
            CopySource: `${Bucket}/${attachment(b, "C")}`,
          }),
        ),
    ],
    [
      "CreateMultipartUpload among B's",
      DENIED,
      ({ own, b }) => own.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: attachment(b, "C", "big") })),
    ],
    [
      "DeleteObject of B's",
      DENIED,
      ({ own, b }) => own.s3.send(new DeleteObjectCommand({ Bucket, Key: attachment(b, "C") })),
    ],
    [
      "DeleteObject of A's own",
      DENIED,
      ({ own, a }) => own.s3.send(new DeleteObjectCommand({ Bucket, Key: attachment(a, "C") })),
    ],
    [
      "ListObjects of A's own prefix",
      DENIED,
      ({ own, a }) => own.s3.send(new ListObjectsV2Command({ Bucket, Prefix: `t/${a}/` })),
    ],
    [
      "ListObjects of B's prefix",
      DENIED,
      ({ own, b }) => own.s3.send(new ListObjectsV2Command({ Bucket, Prefix: `t/${b}/` })),
    ],
    ["ListObjectVersions", DENIED, ({ own }) => own.s3.send(new ListObjectVersionsCommand({ Bucket }))],
    ["ListBuckets", DENIED, ({ own }) => own.s3.send(new ListBucketsCommand({}))],
    ["GetBucketPolicy", DENIED, ({ own }) => own.s3.send(new GetBucketPolicyCommand({ Bucket }))],
    [
      "PutBucketPolicy",
      DENIED,
      ({ own }) =>
        own.s3.send(
          new PutBucketPolicyCommand({
            Bucket,
            Policy: JSON.stringify({
              Version: "2012-10-17",
              Statement: [
                { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `arn:aws:s3:::${Bucket}/*` },
              ],
            }),
          }),
        ),
    ],
    [
      "reading the archive",
      DENIED,
      ({ own }) => own.s3.send(new GetObjectCommand({ Bucket: archiveBucketName(SITE), Key: "v1/log/verifier-key" })),
    ],
    [
      "writing into the archive",
      DENIED,
      ({ own, a }) =>
        own.s3.send(
          new PutObjectCommand({
            Bucket: archiveBucketName(SITE),
            Key: `v1/events/t/${a}/x`,
            Body: "x",
            IfNoneMatch: "*",
          }),
        ),
    ],
    ["root does not read an attachment", DENIED, ({ root, a }) => read(root, attachment(a, "C"))],
    ["root does not write one", DENIED, ({ root, a }) => create(root, attachment(a, "C", newTestId()))],
    ["control: GetObject of A's own", "allowed", ({ own, a }) => read(own, attachment(a, "C"))],
    ["control: PutObject of A's own, once", "allowed", ({ own, a }) => create(own, attachment(a, "C", "once"))],
    [
      "PutObject of A's own a second time",
      "PreconditionFailed",
      ({ own, a }) => create(own, attachment(a, "C", "once")),
    ],
    ["control: root lists the bucket", "allowed", ({ root }) => root.s3.send(new ListObjectsV2Command({ Bucket }))],
  ];

  describe("AW-10 object prefixes", () => {
    probes("AW-10", use, rows);

    it("AW-10 HeadObject of B's: 403, and of A's own: 200", async () => {
      const { own, a, b } = use();
      // A refusal of HEAD has no body to name its error in: its status says it.
      const statusOf = (Key: string) =>
        own.s3.send(new HeadObjectCommand({ Bucket, Key })).then(
          ({ $metadata }) => $metadata.httpStatusCode,
          (error: unknown) => (error as S3ServiceException).$metadata.httpStatusCode,
        );
      expect([await statusOf(attachment(b, "C")), await statusOf(attachment(a, "C"))]).toEqual([403, 200]);
    });

    it("AW-10 no path trick gives an object, through the SDK or over the wire", async () => {
      const { own, a, b, world } = use();
      const { endpoint } = world.stack;
      const escaped = (text: string): string => encodeURI(text).replaceAll("?", "%3F");
      for (const trick of tricks(a, b)) {
        const bySdk = await read(own, trick).then(
          () => "allowed",
          (error: unknown) => (error as Error).name,
        );
        // A name under A's own prefix may be asked for, and there is nothing: without ListBucket S3 does not even say so.
        expect([trick, bySdk]).toEqual([trick, DENIED]);
        const answer = await signedGet(endpoint, `/${Bucket}/${escaped(trick)}`, own.credentials);
        expect([trick, answer.status >= 400, answer.body.includes(B_TEXT)]).toEqual([trick, true, false]);
      }
    });
    it("AW-10 no path that a server might tidy gives an object", async () => {
      const { own, a, b, world } = use();
      for (const path of [
        `/${Bucket}/t/${a}/C/../../${b}/C/scan.pdf`,
        `/${Bucket}/t/${a}/C/%2E%2E/%2E%2E/${b}/C/scan.pdf`,
        `/${Bucket}/t/${a}%2F..%2F${b}/C/scan.pdf`,
        `/${Bucket}/t/${a}/C/..%252F..%252F${b}/C/scan.pdf`,
        `/${Bucket}//t/${b}/C/scan.pdf`,
        `/x/../${Bucket}/t/${b}/C/scan.pdf`,
        `//${Bucket}/t/${b}/C/scan.pdf`,
        `/${Bucket}/t/${a};/../${b}/C/scan.pdf`,
      ]) {
        const { status, body } = await signedGet(world.stack.endpoint, path, own.credentials);
        expect([path, status >= 400, body.includes(B_TEXT)]).toEqual([path, true, false]);
      }
    });
    it("AW-10 control: the same way over the wire, the own object is there", async () => {
      const { own, a, world } = use();
      const answer = await signedGet(world.stack.endpoint, `/${Bucket}/${attachment(a, "C")}`, own.credentials);
      expect(answer).toEqual({ status: 200, body: "attachment of class C" });
    });

    it("AW-10 ISO-14 a URL that A presigns for B's object is refused, one that is bent to B's is not signed", async () => {
      const { own, a, b, world } = use();
      const { endpoint } = world.stack;
      const ofOwn = await presigned(own, attachment(a, "C"));
      const pathOf = (url: string): string => url.slice(endpoint.length);
      expect(await get(endpoint, pathOf(ofOwn))).toEqual({ status: 200, body: "attachment of class C" });
      const refused = await get(endpoint, pathOf(await presigned(own, attachment(b, "C"))));
      expect([refused.status, /<Code>(\w+)</.exec(refused.body)?.[1]]).toEqual([403, DENIED]);
      const bent = [
        ofOwn.replace(`/${a}/`, `/${b}/`),
        ofOwn.replace(`/${a}/C/`, `/${a}/C/../../${b}/C/`),
        ofOwn.replace("X-Amz-Expires=300", "X-Amz-Expires=3000"),
        ofOwn.replace("x-id=GetObject", "x-id=GetObject&versionId=null"),
      ];
      for (const url of bent) {
        const { status, body } = await get(endpoint, pathOf(url));
        const code = /<Code>(\w+)</.exec(body)?.[1];
        expect([url === ofOwn, status, code]).toEqual([false, 403, "SignatureDoesNotMatch"]);
      }
    });
  });
}
