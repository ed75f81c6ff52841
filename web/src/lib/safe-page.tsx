// They could not run in the frame, and the browser would complain of each in the console.
const SCRIPTS = /<script\b[\s\S]*?<\/script>/gi;

/** Somebody's HTML: no scripts, no forms, no origin, and our content policy on top. */
export function SafePage({
  html,
  name,
  className = "",
  height,
}: {
  html: string;
  name: string;
  className?: string;
  height?: number;
}) {
  return (
    <iframe
      title={name}
      sandbox=""
      srcDoc={html.replaceAll(SCRIPTS, "")}
      className={`w-full bg-white ${className}`}
      style={height === undefined ? undefined : { height }}
    />
  );
}
