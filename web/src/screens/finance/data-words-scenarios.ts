/** Why each assumption is as it is; plans and their meters. */
export const SCENARIO_WORDS: Readonly<Record<string, string>> = {
  "measured shape of a small clinic: 7,300 requests a working day":
    "forma medida de una clínica pequeña: 7,300 solicitudes por día laborable",
  "a quarter more than requests: archive, index, cross-check in batches":
    "una cuarta parte más que las solicitudes: archivo, índice y cotejo por lotes",
  "160,000 x 70 ms x 512 MB = 5,600, and a quarter for what follows an answer":
    "160,000 x 70 ms x 512 MB = 5,600, y una cuarta parte por lo que sigue a una respuesta",
  "5 for the event of each request (outbox 1, index 4), 10 for each tenth that writes: tests/golden/counters.md, core/watch/README.md":
    "5 por el evento de cada solicitud (buzón 1, índice 4), 10 por cada décima que escribe: tests/golden/counters.md, core/watch/README.md",
  "10 on average between 2 (a read) and 28 (a chart): tests/golden/counters.md":
    "10 de media entre 2 (una lectura) y 28 (un expediente): tests/golden/counters.md",
  "records 1 GB, and a year's half of the trail's index at 1.7 KB an event":
    "registros 1 GB, y la mitad de un año del índice de auditoría a 1.7 KB por evento",
  "what the tables hold": "lo que guardan las tablas",
  "25 GB of documents, 2 GB of the trail's archive": "25 GB de documentos, 2 GB del archivo de auditoría",
  "an archive object for each batch, documents": "un objeto de archivo por lote, documentos",
  "documents, checks of the archive": "documentos, comprobaciones del archivo",
  "two unwraps for each new environment, a signature key read":
    "dos aperturas de clave por cada entorno nuevo, una lectura de la clave de firma",
  "1 KB a request, usage line and platform report included":
    "1 KB por solicitud, con la línea de uso y el informe de la plataforma",
  "30 days": "30 días",
  "19 KB an answer": "19 KB por respuesta",
  "the API's and the portal's own files": "las de la API y los archivos del portal",
  "calls on items of the charts: 3 in a warm read, 6 in a chart, 4 of the cross-check for each write (tests/golden/counters.md)":
    "llamadas sobre datos de los expedientes: 3 en una lectura en caliente, 6 en un expediente, 4 del cotejo por cada escritura (tests/golden/counters.md)",
  "one for each class of data, the outbox and the log": "una por cada clase de datos, el buzón y el registro",
  "a cell is an account with its own edge: one web ACL with three rules (stacks/firewall.ts)":
    "una celda es una cuenta con su propio borde: una ACL web con tres reglas (stacks/firewall.ts)",
  "threat detection and configuration rules, billed by use: an estimate":
    "detección de amenazas y reglas de configuración, facturadas por uso: una estimación",
  "a shared cell's blast radius, not a limit of DynamoDB":
    "el alcance de daño de una celda compartida, no un límite de DynamoDB",
  "a question a month, 45 USD an hour": "una pregunta al mes, 45 USD la hora",
  "four a year of six hours, 96 USD an hour": "cuatro al año de seis horas, 96 USD la hora",
  "two more a year for each hundred clinics, of 36 minutes a clinic and year in all":
    "dos más al año por cada cien clínicas, de 36 minutos por clínica y año en total",
  "two windows a month of one and a half hours": "dos ventanas al mes de hora y media",
  "a cell is upgraded and watched on its own": "una celda se actualiza y se vigila aparte",
  "review of a clinic that is held otherwise than the rest: twelve hours a year":
    "revisión de una clínica que se lleva de otro modo que el resto: doce horas al año",
  "clinics in a hundred under 42 CFR Part 2 programmes, tribal or state rules of their own":
    "clínicas de cada cien bajo programas de 42 CFR Parte 2 o normas tribales o estatales propias",
  "risk analysis, penetration test, insurance: 18,000 USD a year":
    "análisis de riesgos, prueba de penetración, seguro: 18,000 USD al año",
  "business associate agreement: kept and renewed": "acuerdo de asociado comercial: guardado y renovado",
  "of AWS's cost, for what no list foresees": "del costo de AWS, por lo que ninguna lista prevé",
  "Platform Fee": "Cuota de la plataforma",
  "Active Clinicians": "Clínicos activos",
  Encounters: "Consultas",
  "Document Storage": "Almacenamiento de documentos",
  "Active Clinicians, beyond what is included": "Clínicos activos, más allá de lo incluido",
  "Document Storage, beyond what is included": "Almacenamiento de documentos, más allá de lo incluido",
  "Rounding of the statement to whole cents": "Redondeo del estado de cuenta a centavos enteros",
};
