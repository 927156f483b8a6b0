import type { AllocationClass, ChargeCategory, CostLayer, LineState } from "../ledger.ts";
import type { ReportLanguage } from "./model.ts";

/** What reports say to a person. */
interface Words {
  readonly statement: string;
  readonly tenantCost: string;
  readonly total: string;
  readonly totalExact: string;
  readonly totals: string;
  readonly period: string;
  readonly clinic: string;
  readonly issuer: string;
  readonly made: string;
  readonly query: string;
  readonly states: string;
  readonly state: Readonly<Record<LineState, string>>;
  readonly notFinal: string;
  readonly categories: Readonly<Record<ChargeCategory, string>>;
  readonly layers: Readonly<Record<CostLayer, string>>;
  readonly allocations: Readonly<Record<AllocationClass, string>>;
  /** From the first day to the last. */
  readonly days: (first: string, last: string) => string;
  readonly page: (page: number, pages: number) => string;
  readonly column: string;
  readonly cents: string;
  readonly currency: string;
  readonly all: string;
  readonly location: string;
  readonly charge: string;
  readonly category: string;
  readonly quantity: string;
  readonly unit: string;
  readonly unitPrice: string;
  readonly amount: string;
  readonly layer: string;
  readonly service: string;
  readonly meter: string;
  readonly allocation: string;
  readonly list: string;
  readonly billed: string;
  readonly effective: string;
  readonly exact: string;
}

const EN: Words = {
  statement: "Statement",
  tenantCost: "Cost report",
  total: "Total",
  totalExact: "Exact total",
  totals: "Totals",
  period: "Period (UTC)",
  clinic: "Clinic",
  issuer: "Issued by",
  made: "Made at",
  query: "Query",
  states: "Lines",
  state: { estimated: "estimated", reconciled: "reconciled", closed: "closed" },
  notFinal: "Not final: some lines are estimated or not yet closed.",
  categories: { Usage: "Usage", Purchase: "Purchase", Tax: "Tax", Credit: "Credit", Adjustment: "Adjustment" },
  layers: {
    runtime: "Runtime",
    data: "Data",
    logs: "Logs",
    keys: "Keys",
    backup: "Backup",
    egress: "Egress",
    audit: "Audit",
    edge: "Edge",
    identity: "Identity",
    support: "Support",
    compliance: "Compliance",
    reserve: "Reserve",
  },
  allocations: { Direct: "Direct", Shared: "Shared", Unallocated: "Unallocated" },
  days: (first, last) => `${first} to ${last}`,
  page: (page, pages) => `Page ${page} of ${pages}`,
  column: "Column",
  cents: "Rounded to the cent",
  currency: "All amounts in US dollars.",
  all: "All clinics",
  location: "Location",
  charge: "Charge",
  category: "Category",
  quantity: "Quantity",
  unit: "Unit",
  unitPrice: "Unit price",
  amount: "Amount",
  layer: "Layer",
  service: "Service",
  meter: "Meter",
  allocation: "Allocation",
  list: "List cost",
  billed: "Billed cost",
  effective: "Effective cost",
  exact: "exact",
};

const ES: Words = {
  statement: "Estado de cuenta",
  tenantCost: "Informe de costos",
  total: "Total",
  totalExact: "Total exacto",
  totals: "Totales",
  period: "Periodo (UTC)",
  clinic: "Clínica",
  issuer: "Emitido por",
  made: "Generado el",
  query: "Consulta",
  states: "Líneas",
  state: { estimated: "estimadas", reconciled: "conciliadas", closed: "cerradas" },
  notFinal: "No definitivo: hay líneas estimadas o sin cerrar.",
  categories: { Usage: "Uso", Purchase: "Compra", Tax: "Impuesto", Credit: "Crédito", Adjustment: "Ajuste" },
  layers: {
    runtime: "Ejecución",
    data: "Datos",
    logs: "Registros",
    keys: "Claves",
    backup: "Copias",
    egress: "Salida de datos",
    audit: "Auditoría",
    edge: "Borde",
    identity: "Identidad",
    support: "Soporte",
    compliance: "Cumplimiento",
    reserve: "Reserva",
  },
  allocations: { Direct: "Directo", Shared: "Compartido", Unallocated: "Sin asignar" },
  days: (first, last) => `del ${first} al ${last}`,
  page: (page, pages) => `Página ${page} de ${pages}`,
  column: "Columna",
  cents: "Redondeado al centavo",
  currency: "Todos los importes en dólares de EE. UU.",
  all: "Todas las clínicas",
  location: "Sede",
  charge: "Cargo",
  category: "Categoría",
  quantity: "Cantidad",
  unit: "Unidad",
  unitPrice: "Precio unitario",
  amount: "Importe",
  layer: "Capa",
  service: "Servicio",
  meter: "Medidor",
  allocation: "Asignación",
  list: "Costo de lista",
  billed: "Costo facturado",
  effective: "Costo efectivo",
  exact: "exacto",
};

export const wordsOf = (language: ReportLanguage): Words => (language === "es" ? ES : EN);
