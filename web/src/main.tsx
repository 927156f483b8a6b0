import "./styles/index.ts";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/app.tsx";
import { watchPageLife } from "./app/page-life.ts";
import { ROOT_ID } from "./app/root-id.ts";

watchPageLife();
const root = document.getElementById(ROOT_ID);
if (root === null) throw new TypeError("the page has no root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
