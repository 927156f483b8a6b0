import { PutObjectTaggingCommand, type S3Client } from "@aws-sdk/client-s3";
import type { ContentStore } from "../../core/document/index.ts";
import { CONTENT_TAG, sessionPolicy, type Site } from "../../core/iam/index.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import type { TenantId } from "../../core/kernel/ids.ts";
import type { Grant } from "../../core/policy/grant.ts";
import { s3 } from "./clients.ts";
import type { Vend } from "./credentials.ts";
import { createExportFiles, isStatus } from "./export-files.ts";
import type { TenantScope } from "./tenant-scope.ts";

const clients = new WeakMap<TenantScope["credentials"], S3Client>();

/** Sealed files of one tenant, with the credentials of one scope: what these do not reach is not there. */
export function createAttachments(
  region: string,
  bucket: string,
  tenantId: TenantId,
  credentials: TenantScope["credentials"],
): ContentStore {
  const client = clients.get(credentials) ?? s3(region, credentials);
  clients.set(credentials, client);
  const folder = `t/${tenantId}/`;
  return {
    ...createExportFiles(client, bucket, folder, `${CONTENT_TAG.key}=${CONTENT_TAG.open}`),
    async keep(name) {
      const TagSet = [{ Key: CONTENT_TAG.key, Value: CONTENT_TAG.filed }];
      try {
        await client.send(new PutObjectTaggingCommand({ Bucket: bucket, Key: folder + name, Tagging: { TagSet } }));
        return true;
      } catch (error) {
        // To a session that may not list, S3 says 403 of an object that is not there.
        if (isStatus(error, 403, 404)) return false;
        throw error;
      }
    },
  };
}

interface OwnAttachmentsConfig {
  readonly site: Site;
  readonly tenantRoleArn: string;
  readonly cellKeyArn: string;
  readonly bucket: string;
}

/**
 * Sealed files of one patient, for a request of her own. An object's name says nothing of whose it is, so that no prefix
 * could hold a session to her: each part is read with a session for this very object, which reaches no row and no key.
 * Which parts are hers, her own records say.
 */
export const createOwnAttachments =
  ({ site, tenantRoleArn, cellKeyArn, bucket }: OwnAttachmentsConfig, vend: Vend) =>
  ({ tenantId, userId, purpose, onlyPatientId }: Grant): ContentStore => {
    invariant(onlyPatientId !== undefined, "it is a patient's own request");
    return {
      put: () => Promise.reject(new Error("a patient files no document by herself")),
      keep: () => Promise.reject(new Error("a patient files no document by herself")),
      async get(name) {
        const session = {
          roleArn: tenantRoleArn,
          sessionName: `u-${userId}`,
          sourceIdentity: `u-${userId}`,
          tags: { tenant: tenantId, purpose, role: "patient" },
          policy: sessionPolicy(site, { cell: cellKeyArn }, { tenantId, classes: [], purpose, onlyObject: name }),
        };
        const client = s3(site.region, () => vend(session));
        try {
          return await createExportFiles(client, bucket, `t/${tenantId}/`).get(name);
        } finally {
          client.destroy();
        }
      },
    };
  };
