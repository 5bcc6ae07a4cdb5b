// An outlet's own page: 信息有误 is sent without leaving it.
import { report } from "../map/panel.js";

document.querySelectorAll("form[data-report]").forEach((form) => form.addEventListener("submit", report));
