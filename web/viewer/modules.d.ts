declare module "*.wasm" {
  const bytes: Uint8Array;
  export default bytes;
}
declare module "pdfjs-dist/legacy/build/pdf.worker.mjs" {
  export const WorkerMessageHandler: unknown;
}
