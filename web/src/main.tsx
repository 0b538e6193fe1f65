import { render } from "preact";
import { App } from "./app.tsx";
import { startRouter } from "./router.ts";
import { startSession } from "./session.ts";
import { startTheme } from "./theme.ts";
import { startTicking } from "./ticking.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/layout.css";
import "./styles/pages.css";
import "./styles/ticket.css";
import "./styles/seat-map.css";
import "./styles/screening.css";
import "./styles/desk.css";
import "./styles/wallet.css";

startTheme();
startTicking();
startSession();
startRouter();

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no element #app");
render(<App />, root);
