import { serveLetters } from "./serve.ts";

/** What a sender runs. */
serveLetters();
