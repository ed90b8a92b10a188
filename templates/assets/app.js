// Starts both design systems. Every page works without this file.
import { initAll as startGovuk } from "./govuk-frontend.js";
import { initAll as startMoj } from "./moj-frontend.js";

startGovuk();
startMoj();

// A button that prints, shown only where it can work.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
