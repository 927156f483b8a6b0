import { defineMessages } from "../../i18n/index.ts";

/** What one unit of a SKU's price counts, in words: `read request units`. One or many, by `count`. */
export const unitMessages = defineMessages({
  en: {
    requests: "{count, plural, one {request} other {requests}}",
    invocations: "{count, plural, one {invocation} other {invocations}}",
    "read-units": "{count, plural, one {read request unit} other {read request units}}",
    "write-units": "{count, plural, one {write request unit} other {write request units}}",
    "stream-reads": "{count, plural, one {stream read} other {stream reads}}",
    "gb-seconds": "{count, plural, one {GB-second} other {GB-seconds}}",
    "gb-hours": "{count, plural, one {GB-hour} other {GB-hours}}",
    "gb-months": "{count, plural, one {GB-month} other {GB-months}}",
    gb: "GB",
    months: "{count, plural, one {month} other {months}}",
    "key-months": "{count, plural, one {key-month} other {key-months}}",
    "rule-months": "{count, plural, one {rule-month} other {rule-months}}",
    "key-pairs": "{count, plural, one {key pair} other {key pairs}}",
    events: "{count, plural, one {event} other {events}}",
    users: "{count, plural, one {active user} other {active users}}",
    minutes: "{count, plural, one {minute} other {minutes}}",
    items: "{count, plural, one {item} other {items}}",
    clinicians: "{count, plural, one {clinician} other {clinicians}}",
    encounters: "{count, plural, one {encounter} other {encounters}}",
    "mb-ms": "MB-milliseconds",
    bytes: "{count, plural, one {byte} other {bytes}}",
    "byte-hours": "{count, plural, one {byte-hour} other {byte-hours}}",
    hours: "{count, plural, one {hour} other {hours}}",
  },
  es: {
    requests: "{count, plural, one {solicitud} other {solicitudes}}",
    invocations: "{count, plural, one {ejecución} other {ejecuciones}}",
    "read-units": "{count, plural, one {unidad de lectura} other {unidades de lectura}}",
    "write-units": "{count, plural, one {unidad de escritura} other {unidades de escritura}}",
    "stream-reads": "{count, plural, one {lectura del flujo} other {lecturas del flujo}}",
    "gb-seconds": "{count, plural, one {GB-segundo} other {GB-segundos}}",
    "gb-hours": "{count, plural, one {GB-hora} other {GB-horas}}",
    "gb-months": "{count, plural, one {GB-mes} other {GB-meses}}",
    gb: "GB",
    months: "{count, plural, one {mes} other {meses}}",
    "key-months": "{count, plural, one {clave-mes} other {claves-mes}}",
    "rule-months": "{count, plural, one {regla-mes} other {reglas-mes}}",
    "key-pairs": "{count, plural, one {par de claves} other {pares de claves}}",
    events: "{count, plural, one {evento} other {eventos}}",
    users: "{count, plural, one {usuario activo} other {usuarios activos}}",
    minutes: "{count, plural, one {minuto} other {minutos}}",
    items: "{count, plural, one {unidad} other {unidades}}",
    clinicians: "{count, plural, one {clínico} other {clínicos}}",
    encounters: "{count, plural, one {consulta} other {consultas}}",
    "mb-ms": "MB-milisegundos",
    bytes: "{count, plural, one {byte} other {bytes}}",
    "byte-hours": "{count, plural, one {byte-hora} other {byte-horas}}",
    hours: "{count, plural, one {hora} other {horas}}",
  },
});

/** A price of one unit, or of a million. */
export const rateMessages = defineMessages({
  en: { one: "{price} per {unit}", million: "{price} per million {unit}" },
  es: { one: "{price} por {unit}", million: "{price} por millón de {unit}" },
});

export type UnitKey = keyof typeof unitMessages.en;
