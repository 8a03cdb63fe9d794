import "@fontsource-variable/archivo/wdth.css";
import "../styles/tokens.css";
import "../styles/base.css";
import "./console.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Console } from "./Console.js";

const root = document.getElementById("root");
if (!root) throw new Error("console/index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <Console />
  </StrictMode>,
);
