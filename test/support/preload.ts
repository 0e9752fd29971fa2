/** What processes of tests load before their program: the watchdog, and where the program is. */
import "./stalls.ts";
import "./bundled.ts";
