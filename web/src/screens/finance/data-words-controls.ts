/** Controls, their settings and what each keeps; the tenancy decision. */
export const CONTROL_WORDS: Readonly<Record<string, string>> = {
  Keys: "Claves",
  "The cell's keys, with clinic and class in the encryption context":
    "Las claves de la celda, con clínica y clase en el contexto de cifrado",
  "Data keys for each clinic and class; crypto-erasure of a clinic by its data keys.":
    "Claves de datos por clínica y clase; borrado criptográfico de una clínica por sus claves de datos.",
  "A key of one's own": "Una clave propia",
  "A key policy and a CloudTrail of its own; withdrawal by the clinic.":
    "Una política de clave y un CloudTrail propios; la clínica puede retirarla.",
  "A key of one's own for each class": "Una clave propia para cada clase",
  "Withdrawal of one class, such as psychotherapy notes, alone.":
    "Retirada de una sola clase, como las notas de psicoterapia.",
  "Rotation of a key of one's own": "Rotación de una clave propia",
  "Data keys rotate, the key does not": "Rotan las claves de datos; la clave, no",
  "New data is under new data keys.": "Los datos nuevos quedan bajo claves de datos nuevas.",
  "Each year": "Cada año",
  "A backing key a year; the first two cost, later ones do not.":
    "Una clave de respaldo al año; las dos primeras cuestan, las siguientes no.",
  Cell: "Celda",
  "Shared cell": "Celda compartida",
  "Tenant-first keys, session policies, own data keys.":
    "Claves que empiezan por la clínica, políticas de sesión, claves de datos propias.",
  "Cell of one's own": "Celda propia",
  "Tables, archive, keys, roles and quotas of one's own.": "Tablas, archivo, claves, roles y cuotas propios.",
  "Locked archive of the trail": "Archivo bloqueado del registro de auditoría",
  "Seven years, standard storage": "Siete años, almacenamiento estándar",
  "Every event, read at once.": "Cada evento, de lectura inmediata.",
  "Seven years, instant-retrieval storage after one": "Siete años, almacenamiento de recuperación instantánea tras uno",
  "Every event, read at once; a read of old ones costs more.":
    "Cada evento, de lectura inmediata; leer los antiguos cuesta más.",
  "Seven years, instant-retrieval storage after 90 days":
    "Siete años, almacenamiento de recuperación instantánea tras 90 días",
  "Every event, read at once; reads of the year's events cost more.":
    "Cada evento, de lectura inmediata; leer los del año cuesta más.",
  "One year": "Un año",
  "Too little: an accounting of disclosures reaches back six years (45 CFR 164.528).":
    "Muy poco: el recuento de divulgaciones alcanza seis años atrás (45 CFR 164.528).",
  "Search index of the trail": "Índice de búsqueda del registro de auditoría",
  "As long as the archive, in the table": "Tanto como el archivo, en la tabla",
  "Any event in one query.": "Cualquier evento en una consulta.",
  "Seven years, made again from the archive instead of backed up":
    "Siete años, rehecho desde el archivo en vez de copiado",
  "Any event in one query; a lost index is read from the archive for hours.":
    "Cualquier evento en una consulta; un índice perdido se lee del archivo durante horas.",
  "Two years, older from the archive": "Dos años; lo anterior, del archivo",
  "Two years at once; older ones by a job of minutes.": "Dos años al instante; lo anterior, con un trabajo de minutos.",
  "CloudTrail of each call on the charts' items": "CloudTrail de cada llamada sobre los datos de los expedientes",
  "Reads and writes": "Lecturas y escrituras",
  "AWS's own account of every call, joined with our trail: a read without an event is found.":
    "La cuenta que lleva AWS de cada llamada, unida a nuestro registro: se encuentra una lectura sin evento.",
  "Writes only": "Solo escrituras",
  "A write that left no event is found; a read that left none is not, which is the promise.":
    "Se encuentra una escritura sin evento; una lectura sin él, no, y esa es la promesa.",
  None: "Ninguno",
  "Nothing outside of ourselves says who read what.": "Nada fuera de nosotros dice quién leyó qué.",
  Logs: "Registros técnicos",
  "30 days": "30 días",
  "What an incident of the month needs; a slow one is found later than that.":
    "Lo que necesita un incidente del mes; uno lento se descubre más tarde.",
  "90 days": "90 días",
  "What a slow incident needs; who did what is in the trail anyway.":
    "Lo que necesita un incidente lento; quién hizo qué está de todos modos en el registro de auditoría.",
  "400 days": "400 días",
  "A year of technical lines and a month to look.": "Un año de líneas técnicas y un mes para mirar.",
  "Point-in-time recovery of records": "Recuperación de registros a un momento dado",
  "Any second of 35 days": "Cualquier segundo de 35 días",
  "A contingency plan as 45 CFR 164.308(a)(7) asks for, to the second.":
    "Un plan de contingencia como el que pide 45 CFR 164.308(a)(7), al segundo.",
  "A copy a day": "Una copia al día",
  "Loses up to a day of a chart.": "Pierde hasta un día de un expediente.",
  Firewall: "Cortafuegos",
  "A web ACL with three rules": "Una ACL web con tres reglas",
  "Managed rules on addresses and a limit for each.": "Reglas gestionadas sobre direcciones y un límite para cada una.",
  "CloudFront's Pro plan, with its firewall": "El plan Pro de CloudFront, con su cortafuegos",
  "The same, up to 10 M requests, with logs and 50 TB.":
    "Lo mismo, hasta 10 millones de solicitudes, con registros y 50 TB.",
  "A flood reaches the API's own limit, and is paid for.": "Una avalancha llega al límite de la API, y se paga.",
  "Clinics share a cell until something that can be named asks for more. A tier is data; what it costs and what it is sold for is shown when a clinic is created.":
    "Las clínicas comparten una celda hasta que algo que pueda nombrarse pida más. Un nivel es un dato; lo que cuesta y a cuánto se vende se muestra al crear una clínica.",
  "Tenant-first keys, session policies by clinic, own data keys. One fault of a policy engine or of AWS away from a neighbour.":
    "Claves que empiezan por la clínica, políticas de sesión por clínica, claves de datos propias. A un fallo del motor de políticas o de AWS de una vecina.",
  "None of its own.": "Ninguna propia.",
  "None.": "Ninguna.",
  "Shared quotas and a shared blast radius of the cell.": "Cuotas compartidas y un mismo alcance de daño en la celda.",
  "As pooled, and a KMS key and tables of one's own: what is stolen from another's key does not open it.":
    "Como la compartida, con una clave de KMS y tablas propias: lo robado con la clave de otra no la abre.",
  "One key policy and its review.": "Una política de clave y su revisión.",
  "Rows are sealed anew under new data keys; hours, without closing the clinic.":
    "Las filas se sellan de nuevo bajo claves de datos nuevas; horas, sin cerrar la clínica.",
  "A withdrawn key closes the clinic at once: who may withdraw it is part of the contract.":
    "Una clave retirada cierra la clínica en el acto: quién puede retirarla es parte del contrato.",
  "Tables, archive, keys, roles and quotas of one's own in the shared stack.":
    "Tablas, archivo, claves, roles y cuotas propios en la plataforma compartida.",
  "Upgraded and watched on its own.": "Se actualiza y se vigila aparte.",
  "Export and import with the trail's proof; an evening with reading only.":
    "Exportación e importación con la prueba del registro; una tarde solo con lectura.",
  "Shares the account's edge and its people.": "Comparte el borde de la cuenta y su gente.",
  "An AWS account of one's own.": "Una cuenta de AWS propia.",
  "A stage of one's own with all its alarms and its witness.": "Un entorno propio con todas sus alarmas y su testigo.",
  "As a new stage; a weekend.": "Como un entorno nuevo; un fin de semana.",
  "More stages than people look after is a risk in itself.":
    "Más entornos de los que la gente cuida es un riesgo en sí.",
  "One to five clinicians, no rule beyond HIPAA": "De uno a cinco clínicos, sin más norma que HIPAA",
  "Every control is there; a key of its own would add a quarter to its month.":
    "Todos los controles están; una clave propia añadiría una cuarta parte a su mes.",
  "Several locations, an insurer or a partner asks for key custody":
    "Varias sedes; una aseguradora o un socio pide la custodia de la clave",
  "Custody and withdrawal can be shown, at the price of one key.":
    "Custodia y retirada pueden mostrarse, al precio de una clave.",
  "42 CFR Part 2 programme, tribal or state rule, or a court order that asks for separation":
    "Programa de 42 CFR Parte 2, norma tribal o estatal, u orden judicial que pide separación",
  "Separation that an auditor can point at: no row, key or role is shared, and the exception touches nobody else.":
    "Una separación que un auditor puede señalar: no se comparte fila, clave ni rol, y la excepción no toca a nadie más.",
  "A contract that names an account boundary": "Un contrato que nombra la cuenta como frontera",
  "The account is the only boundary that such contracts accept.":
    "La cuenta es la única frontera que aceptan esos contratos.",
};
