import { type ComponentProps, lazy, Suspense } from "react";

const Loaded = lazy(() =>
  import("../registry/register-dialog.tsx").then((module) => ({ default: module.RegisterDialog })),
);

/** The registry's dialogue, which loads when somebody opens it. */
export function RegisterDialog(props: ComponentProps<typeof Loaded>) {
  return (
    <Suspense>
      <Loaded {...props} />
    </Suspense>
  );
}
