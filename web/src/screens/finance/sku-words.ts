import type { UnitKey } from "./unit-messages.ts";

interface SkuWords {
  readonly en: string;
  readonly es: string;
  readonly unit: UnitKey;
}

const words = (en: string, es: string, unit: UnitKey): SkuWords => ({ en, es, unit });

/** What AWS sells and what we enter, by the price list's own keys. A test finds a SKU of a list that has no words. */
export const SKU_WORDS: Readonly<Record<string, SkuWords>> = {
  "lambda-requests": words("Lambda invocations", "Ejecuciones de Lambda", "invocations"),
  "lambda-arm-gb-seconds": words("Lambda run time", "Tiempo de ejecución de Lambda", "gb-seconds"),
  "http-api-requests": words("API requests", "Solicitudes a la API", "requests"),
  "dynamodb-wru": words("DynamoDB writes", "Escrituras en DynamoDB", "write-units"),
  "dynamodb-rru": words("DynamoDB reads", "Lecturas de DynamoDB", "read-units"),
  "dynamodb-storage": words("DynamoDB storage", "Almacenamiento de DynamoDB", "gb-months"),
  "dynamodb-pitr": words("DynamoDB point-in-time recovery", "Recuperación de DynamoDB a un momento dado", "gb-months"),
  "dynamodb-backup": words("DynamoDB backups", "Copias de DynamoDB", "gb-months"),
  "dynamodb-restore": words("DynamoDB restores", "Restauraciones de DynamoDB", "gb"),
  "dynamodb-streams": words("DynamoDB stream reads", "Lecturas del flujo de DynamoDB", "stream-reads"),
  "kms-keys": words("KMS keys", "Claves de KMS", "key-months"),
  "kms-requests": words("KMS requests", "Solicitudes a KMS", "requests"),
  "kms-asymmetric-requests": words("KMS asymmetric requests", "Solicitudes asimétricas a KMS", "requests"),
  "kms-ecc-key-pairs": words("KMS key pairs", "Pares de claves de KMS", "key-pairs"),
  "s3-standard": words("S3 Standard storage", "Almacenamiento S3 Standard", "gb-months"),
  "s3-standard-ia": words("S3 Standard-IA storage", "Almacenamiento S3 Standard-IA", "gb-months"),
  "s3-glacier-ir": words(
    "S3 Glacier Instant Retrieval storage",
    "Almacenamiento S3 Glacier Instant Retrieval",
    "gb-months",
  ),
  "s3-glacier-flexible": words(
    "S3 Glacier Flexible Retrieval storage",
    "Almacenamiento S3 Glacier Flexible Retrieval",
    "gb-months",
  ),
  "s3-deep-archive": words("S3 Glacier Deep Archive storage", "Almacenamiento S3 Glacier Deep Archive", "gb-months"),
  "s3-put-requests": words("S3 writes and lists", "Escrituras y listados en S3", "requests"),
  "s3-get-requests": words("S3 reads", "Lecturas de S3", "requests"),
  "s3-ia-put-requests": words("S3 Standard-IA writes", "Escrituras en S3 Standard-IA", "requests"),
  "logs-ingest": words("Log ingestion", "Entrada de registros técnicos", "gb"),
  "logs-ingest-ia": words(
    "Log ingestion, infrequent access",
    "Entrada de registros técnicos, acceso poco frecuente",
    "gb",
  ),
  "logs-storage": words("Log storage", "Almacenamiento de registros técnicos", "gb-months"),
  "logs-insights": words("Log searches", "Búsquedas en registros técnicos", "gb"),
  "data-transfer-out": words("Data sent by AWS regions", "Datos enviados desde regiones de AWS", "gb"),
  "cloudfront-transfer-out": words("Data sent by CloudFront", "Datos enviados por CloudFront", "gb"),
  "cloudfront-requests": words("CloudFront requests", "Solicitudes a CloudFront", "requests"),
  "cloudtrail-data-events": words("CloudTrail data events", "Eventos de datos de CloudTrail", "events"),
  "cloudfront-pro-plan": words("CloudFront Pro plan", "Plan Pro de CloudFront", "months"),
  "cloudfront-business-plan": words("CloudFront Business plan", "Plan Business de CloudFront", "months"),
  "waf-web-acl": words("Firewall (WAF web ACL)", "Cortafuegos (ACL web de WAF)", "months"),
  "waf-rules": words("Firewall rules", "Reglas del cortafuegos", "rule-months"),
  "waf-requests": words("Firewall requests", "Solicitudes por el cortafuegos", "requests"),
  "cognito-lite-mau": words("Cognito Lite users", "Usuarios de Cognito Lite", "users"),
  "internal-support": words("Support", "Soporte", "minutes"),
  "internal-compliance": words("Compliance overhead", "Gastos de cumplimiento", "items"),
  "internal-reserve": words("Reserve", "Reserva", "items"),
};

/** Units of AWS and of price plans where the SKU is none that is known here: FOCUS PricingUnit to words. */
export const UNIT_OF_CODE: Readonly<Record<string, UnitKey>> = {
  Requests: "requests",
  "GB-Seconds": "gb-seconds",
  "GB-Months": "gb-months",
  "GB-Hours": "gb-hours",
  GB: "gb",
  Hours: "hours",
  Months: "months",
  Events: "events",
  Users: "users",
  Minutes: "minutes",
};

/** What a plan's meter counts, where its unit is `Count`. */
export const UNIT_OF_METER: Readonly<Record<string, UnitKey>> = {
  "active-clinicians": "clinicians",
  encounters: "encounters",
};
