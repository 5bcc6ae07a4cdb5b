// What every page does: read aloud, work offline.
import { readAloud } from "../parts/read.js";

document.querySelectorAll("[data-read-aloud]").forEach(readAloud);
if ("serviceWorker" in navigator && window.isSecureContext) navigator.serviceWorker.register("/sw.js");
