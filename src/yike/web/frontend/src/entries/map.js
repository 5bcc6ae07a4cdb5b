// The public map: base map, outlets, search, list, card, route, 我的一刻钟. What it shows is in the address (map/state.js).
import { begin } from "../map/app.js";

begin(document.getElementById("app"));
