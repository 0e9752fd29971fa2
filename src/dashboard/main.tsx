import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queries } from "./api/queries.ts";
import { onBack } from "./api/reach.ts";
import { sessionQuery } from "./api/session.ts";
import { pageNonce } from "./parts/nonce.ts";
import { router } from "./routes.tsx";
import { applyTheme } from "./shell/preferences.ts";
import "./theme.css";

// All else waits for it.
void queries.prefetchQuery(sessionQuery);
onBack(() => void queries.invalidateQueries());
applyTheme();
const place = document.querySelector("#page");
if (place !== null) {
  createRoot(place).render(
    <StrictMode>
      <CSPProvider nonce={pageNonce()}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </CSPProvider>
    </StrictMode>,
  );
}
