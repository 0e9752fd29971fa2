import { serve } from "./serve.ts";
import { tasks } from "./tasks.ts";

/** What a thread of the pool runs. */
serve(tasks);
