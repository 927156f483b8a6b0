import { GenerateMacCommand, type KMSClient } from "@aws-sdk/client-kms";
import { StageSecrets } from "../../core/identity/stage-secret.ts";
import { invariant } from "../../core/kernel/invariant.ts";

/** The stage's derived secrets, by the KMS key at `keyArn`. */
export const createStageSecrets = (kms: KMSClient, keyArn: string): StageSecrets =>
  new StageSecrets({
    async generateMac(message) {
      const answer = await kms.send(
        new GenerateMacCommand({ KeyId: keyArn, MacAlgorithm: "HMAC_SHA_256", Message: message }),
      );
      invariant(answer.Mac !== undefined, "KMS gives a MAC or throws");
      return answer.Mac;
    },
  });
