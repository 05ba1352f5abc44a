// The list of a place: what this device has not told yet is told from here, too.

import { begin } from "./floor-page.js";

await begin();
