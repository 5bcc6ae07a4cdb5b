// htmx for staff pages, set so that it needs neither inline styles nor eval: {% script "staff" %}. It sends the CSRF token by itself.
import htmx from "htmx.org";
import { csrf } from "../parts/words.js";

htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
document.addEventListener("htmx:configRequest", (event) => { event.detail.headers["X-CSRFToken"] = csrf(); });
