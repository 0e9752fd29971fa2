/**
 * Stands in the document before all else, and is no module: it looks after the files that the document names. While nodes of two versions work
 * behind one balancer, one of the other version may be asked for a file, and has none of that name. Then it is asked for again, until a node that has it
 * is, and the page is loaded once more, with what the browser has by then. Where that does not help the page says so.
 */
{
  const pauseMs = 300;
  const mostTries = 20;
  const key = "signalbox-begun";
  /** The page is loaded again so often, in so long. */
  const mostLoads = 5;
  const withinMs = 60_000;

  const missing = new Set<string>();

  addEventListener(
    "error",
    ({ target }) => {
      const file =
        target instanceof HTMLScriptElement ? target.src : target instanceof HTMLLinkElement ? target.href : "";
      if (file === "") return;
      missing.add(file);
      if (missing.size === 1) void askAgain();
    },
    true,
  );

  const askAgain = async (): Promise<void> => {
    for (let tries = 0; tries < mostTries && missing.size > 0; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      await Promise.all(
        [...missing].map(async (file) => {
          const answer = await fetch(file).catch(() => undefined);
          if (answer?.ok === true) missing.delete(file);
        }),
      );
    }
    if (missing.size === 0 && mayLoad()) location.reload();
    else say();
  };

  const mayLoad = (): boolean => {
    const [count = 0, sinceMs = 0] = (sessionStorage.getItem(key) ?? "").split(" ").map(Number);
    const isOld = Date.now() - sinceMs > withinMs;
    if (!isOld && count >= mostLoads) return false;
    sessionStorage.setItem(key, isOld ? `1 ${Date.now()}` : `${count + 1} ${sinceMs}`);
    return true;
  };

  const say = (): void => {
    const title = document.createElement("h1");
    title.append("Not loaded");
    const text = document.createElement("p");
    text.role = "alert";
    text.append(
      "The dashboard's files cannot be had from the server. While it is upgraded that passes in some minutes. ",
    );
    const again = document.createElement("a");
    again.href = location.href;
    again.append("Load the page again");
    const page = document.createElement("main");
    page.append(title, text, again);
    document.body.prepend(page);
  };
}
