/** A page that outlives an update of the server reloads itself, once for each build, and keeps its URL. */

const KEY = "stream-online-viewer-reloaded-for";

/** The build that this page belongs to; "dev" when no server wrote it. */
export function pageBuild(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="build"]')?.content ?? "dev";
}

/** Compare with the server's build. Returns a sentence for the user when they differ and reloading did not help. */
export function checkBuild(serverBuild: string): string | null {
  const own = pageBuild();
  if (own === "dev" || own === serverBuild) return null;
  try {
    if (sessionStorage.getItem(KEY) !== serverBuild) {
      sessionStorage.setItem(KEY, serverBuild);
      location.reload();
      return null;
    }
  } catch {
    // Without session storage a reload could repeat for ever.
  }
  return `This page is of build ${own}, the server of build ${serverBuild}. Reload it, past any cache between.`;
}
